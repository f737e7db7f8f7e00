using Microsoft.Extensions.Logging;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds.Core;
using Sealos.Kinds.Rbac;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Workspaces.Tokens;

/// <summary>Keeps personal tokens to what their users may: a role that is taken away from a user is taken away from their tokens, and what has ended is removed.</summary>
internal sealed class TokenKeeper : IReconciler, IAsyncDisposable
{
    private const string ByOwner = "owner";
    private const string ByToken = "token";
    private const int Workers = 2;

    private readonly WorkspaceParts _parts;
    private readonly PersonalTokens _tokens;
    private readonly InformerFactory _accountsInformers;
    private readonly InformerFactory _informers;
    private readonly Informer<Secret> _secrets;
    private readonly Informer<ServiceAccount> _accounts;
    private readonly Informer<RoleBinding> _bindings;
    private readonly Controller _controller;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public TokenKeeper(WorkspaceParts parts, InformerFactory informers, ILoggerFactory loggers)
    {
        _parts = parts;
        _tokens = new PersonalTokens(parts);
        _accountsInformers = new InformerFactory(parts.Client, loggers, UserDirectory.AccountsNamespace);
        _informers = informers.Share();
        _secrets = _accountsInformers.For<Secret>(labelSelector: TokenObjects.Label).AddIndex(ByOwner, s => TokenObjects.OwnerOf(s.Metadata) is { } owner ? [owner] : []);
        _accounts = _accountsInformers.For<ServiceAccount>(labelSelector: TokenObjects.Label);
        _bindings = _informers.For<RoleBinding>(labelSelector: UserKeys.Owner).AddIndex(ByToken, b => TokenOf(b) is { } token ? [token] : []);
        _controller = new Controller("tokens", this, loggers.CreateLogger<Controller>(), parts.Time);
    }

    /// <summary>Begins to follow, and to work once all is known.</summary>
    public void Start()
    {
        _secrets.OnChange((old, now) => Enqueue((now ?? old)!.Metadata.Name!));
        _accounts.OnChange((old, now) => Enqueue((now ?? old)!.Metadata.Name!));
        _bindings.OnChange((old, now) => OnBinding((now ?? old)!));
        _accountsInformers.Start();
        _informers.Start();
        _running = RunAsync(_stop.Token);
    }

    /// <inheritdoc/>
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        var secret = _secrets.Get(key.Namespace, key.Name);
        if (secret?.Type != TokenObjects.SecretType || TokenObjects.OwnerOf(secret.Metadata) is null)
        {
            await _tokens.RemoveAsync(key.Name, _bindings.ByIndex(ByToken, key.Name).Select(b => b.Metadata.Namespace!), ct).ConfigureAwait(false);
            return ReconcileResult.Done;
        }

        var left = TokenObjects.View(secret).Expires!.Value - _parts.Time.GetUtcNow();
        if (left <= TimeSpan.Zero)
        {
            await _parts.Client.DeleteExactlyAsync(secret, null, ct).ConfigureAwait(false);
            return ReconcileResult.Done;
        }

        await _tokens.EnsureAsync(secret, ct).ConfigureAwait(false);
        return ReconcileResult.After(left < TimeSpan.FromDays(1) ? left : TimeSpan.FromDays(1));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        await _accountsInformers.DisposeAsync().ConfigureAwait(false);
        await _informers.DisposeAsync().ConfigureAwait(false);
        _controller.Dispose();
        _stop.Dispose();
    }

    private static string? TokenOf(RoleBinding binding) => binding.Metadata.Labels?.GetValueOrDefault(TokenObjects.Label);

    private async Task RunAsync(CancellationToken ct)
    {
        try
        {
            await _accountsInformers.WaitForSyncAsync(ct).ConfigureAwait(false);
            await _informers.WaitForSyncAsync(ct).ConfigureAwait(false);
            await _controller.RunAsync(Workers, ct).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    private void Enqueue(string token) => _controller.Enqueue(new ObjectKey(UserDirectory.AccountsNamespace, token));

    private void OnBinding(RoleBinding binding)
    {
        if (TokenOf(binding) is { } token)
        {
            Enqueue(token);
        }
        else if (TokenObjects.OwnerOf(binding.Metadata) is { } owner)
        {
            foreach (var secret in _secrets.ByIndex(ByOwner, owner))
            {
                Enqueue(secret.Metadata.Name!);
            }
        }
    }
}
