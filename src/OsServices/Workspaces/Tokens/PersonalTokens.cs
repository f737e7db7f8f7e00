using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Rbac;
using Sealos.OsServices.Access;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Workspaces.Tokens;

/// <summary>Personal tokens: credentials for programs, with one role in chosen workspaces, that end by themselves.</summary>
internal sealed class PersonalTokens(WorkspaceParts parts)
{
    private const string Ns = UserDirectory.AccountsNamespace;
    private const int MaxWorkspaces = 50;

    // What Kubernetes takes.
    private const int ShortestSeconds = 600;

    /// <summary>Makes a token; the answer holds it, this once.</summary>
    public async Task<TokenView> CreateAsync(Caller caller, TokenCreation wanted, CancellationToken ct)
    {
        var view = new TokenView(
            "token-" + WorkspaceRules.NewSuffix(10),
            WorkspaceRules.NameOf(wanted.Name),
            WorkspaceRules.RoleOf(wanted.Role),
            await WorkspacesAsync(caller, wanted, ct).ConfigureAwait(false),
            parts.Time.GetUtcNow(),
            parts.Time.GetUtcNow() + WorkspaceRules.DurationOf(wanted.ExpiresIn, parts.Options.TokenLifetime, parts.Options.MaxTokenLifetime));
        using var turn = await parts.Turns.TakeAsync("tokens/" + caller.User, ct).ConfigureAwait(false);
        if ((await ListAsync(caller.User, ct).ConfigureAwait(false)).Count >= parts.Options.MaxTokens)
        {
            throw ServiceException.Limit($"You have {parts.Options.MaxTokens} tokens already, which is the most there may be; revoke one first.");
        }

        // First what everything else of the token ends with.
        var secret = await parts.Client.CreateAsync(TokenObjects.Secret(view.Id, caller.User, view), ct).ConfigureAwait(false);
        try
        {
            await EnsureAsync(secret, ct).ConfigureAwait(false);
            await RequireSessionAsync(caller, ct).ConfigureAwait(false);
            var seconds = Math.Max(ShortestSeconds, (long)(view.Expires!.Value - parts.Time.GetUtcNow()).TotalSeconds);
            return view with { Token = (await AccountTokens.IssueAsync(parts.Client, view.Id, secret, seconds, ct).ConfigureAwait(false)).Token };
        }
        catch
        {
            await parts.Client.DeleteExactlyAsync(secret, null, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    public async Task<IReadOnlyList<TokenView>> ListAsync(string user, CancellationToken ct)
    {
        var found = await parts.Client.ListAsync<Secret>(Ns, new ListQuery { LabelSelector = $"{UserKeys.Owner}={user},{TokenObjects.Label}" }, ct).ConfigureAwait(false);
        return [.. found.Items.Where(s => s.Type == TokenObjects.SecretType).Select(TokenObjects.View).OrderBy(v => v.Created)];
    }

    public async Task RevokeAsync(Caller caller, string id, CancellationToken ct)
    {
        var found = id.StartsWith("token-", StringComparison.Ordinal) && UserNames.IsValid(id) ? await parts.Client.FindAsync<Secret>(Ns, id, ct).ConfigureAwait(false) : null;
        if (found?.Type != TokenObjects.SecretType || TokenObjects.OwnerOf(found.Metadata) != caller.User)
        {
            throw ServiceException.NotFound("You have no such token; 'GET /api/v1/tokens' lists those you have.");
        }

        await parts.Client.DeleteExactlyAsync(found, null, ct).ConfigureAwait(false);
        await RemoveAsync(id, TokenObjects.View(found).Workspaces.Select(UserDirectory.WorkspaceOf), ct).ConfigureAwait(false);
    }

    /// <summary>Makes what a token consists of, no more of it than its user has now; writes only differences.</summary>
    public async Task EnsureAsync(Secret secret, CancellationToken ct)
    {
        var (id, owner, view) = (secret.Metadata.Name!, TokenObjects.OwnerOf(secret.Metadata)!, TokenObjects.View(secret));
        await parts.Client.TryCreateAsync(TokenObjects.Account(id, owner), ct).ConfigureAwait(false);
        foreach (var ns in view.Workspaces.Select(UserDirectory.WorkspaceOf))
        {
            var role = WorkspaceRules.Lesser(view.Role, await parts.Reader.RoleOfAsync(owner, ns, ct).ConfigureAwait(false));
            var present = await parts.Client.FindAsync<RoleBinding>(ns, TokenObjects.BindingName(id), ct).ConfigureAwait(false);
            if (present is not null && present.RoleRef?.Name != role)
            {
                await parts.Client.DeleteExactlyAsync(present, null, ct).ConfigureAwait(false);
                present = null;
            }

            if (present is null && role is not null)
            {
                await parts.Client.TryCreateAsync(TokenObjects.Binding(id, owner, ns, role), ct).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Takes away what is left of a token whose Secret is gone.</summary>
    public async Task RemoveAsync(string id, IEnumerable<string> namespaces, CancellationToken ct)
    {
        var account = await parts.Client.FindAsync<ServiceAccount>(Ns, id, ct).ConfigureAwait(false);
        if (account?.Metadata.Labels?.GetValueOrDefault(TokenObjects.Label) == id)
        {
            await parts.Client.DeleteExactlyAsync(account, null, ct).ConfigureAwait(false);
        }

        foreach (var ns in namespaces)
        {
            if (await parts.Client.FindAsync<RoleBinding>(ns, TokenObjects.BindingName(id), ct).ConfigureAwait(false) is { } binding)
            {
                await parts.Client.DeleteExactlyAsync(binding, null, ct).ConfigureAwait(false);
            }
        }
    }

    // Looked at once more when the Secret is there, as others of the caller's own may have kept it waiting: a reset at this very moment finds
    // it, or is seen.
    private async Task RequireSessionAsync(Caller caller, CancellationToken ct)
    {
        var claim = SessionObjects.ClaimOf(caller.Token) ?? throw Refusals.NoSession();
        var session = await parts.Client.FindAsync<Secret>(Ns, claim.Name, ct).ConfigureAwait(false);
        if (session?.Metadata.Uid != claim.Uid)
        {
            throw ServiceException.NotSignedIn();
        }
    }

    private async Task<IReadOnlyList<string>> WorkspacesAsync(Caller caller, TokenCreation wanted, CancellationToken ct)
    {
        var ids = (wanted.Workspaces ?? []).Select(WorkspaceRules.IdOf).Distinct(StringComparer.Ordinal).ToList();
        if (ids.Count is 0 or > MaxWorkspaces)
        {
            throw ServiceException.Invalid("workspaces", $"Name 1 to {MaxWorkspaces} workspaces that the token is for.");
        }

        var role = WorkspaceRules.RoleOf(wanted.Role);
        foreach (var id in ids)
        {
            // The operator's own right over all workspaces is not handed on.
            var own = await parts.Reader.RoleOfAsync(caller.User, UserDirectory.WorkspaceOf(id), ct).ConfigureAwait(false) ?? throw WorkspaceRules.NoWorkspace(id);
            if (UserRoles.Rank(own) < UserRoles.Rank(role))
            {
                throw ServiceException.Forbidden($"You are {own} in '{id}', and a token may not be more than you are.");
            }
        }

        return ids;
    }
}
