using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.OsServices.Access;
using Sealos.OsServices.SignIn.SignUp;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.SignIn.Identities;

/// <summary>Signs people in, up, and together with who they are elsewhere.</summary>
internal sealed class IdentityService(KubeClient client, SignInSettingsSource settings, SignUpService signUp, WaysIn ways, Uri? console, TimeProvider time) : IDisposable
{
    private const int LongestText = 2048;
    private const string CallbackPath = "/sign-in/callback";

    private readonly ProviderClient _providers = new(time);
    private readonly SignInSteps<Attempt> _attempts = new(time, TimeSpan.FromMinutes(10));
    private readonly SignInSteps<OutsideIdentity> _strangers = new(time, TimeSpan.FromMinutes(15));

    /// <summary>Begins: where the browser is to go, and what it must keep.</summary>
    public async Task<IdentityStart> StartAsync(string id, string? next, Secret? linkBy, ClientInfo from, CancellationToken ct)
    {
        var provider = (await settings.ReadAsync(ct).ConfigureAwait(false)).Provider(id);
        if (provider is null || console is null || !(provider.SignIn || provider.SignUp))
        {
            throw ServiceException.NotFound("This cloud does not take the word of such a provider.");
        }

        var linkFor = linkBy is null ? null : await TargetAsync(linkBy, ct).ConfigureAwait(false);
        var attempt = new Attempt(provider.Id, new Uri(console, CallbackPath).ToString(), next is { Length: <= LongestText } ? next : "/", linkFor);
        var (state, _) = _attempts.Add(attempt, from);
        return new IdentityStart((await _providers.AddressAsync(provider, attempt, state, ct).ConfigureAwait(false)).AbsoluteUri, attempt.Binding);
    }

    /// <summary>Goes on with what a browser brought back: an attempt that it began itself, once.</summary>
    public async Task<IdentityOutcome> FinishAsync(IdentityCallback back, Admit admit, ClientInfo from, CancellationToken ct)
    {
        if (_attempts.Try(back.State) is not { } attempt || !attempt.IsBoundTo(back.Binding) || !_attempts.TryEnd(back.State!))
        {
            throw Refusals.StepIsOver();
        }

        var now = await settings.ReadAsync(ct).ConfigureAwait(false);
        var provider = now.Provider(attempt.Provider) ?? throw Refusals.StepIsOver();
        if (back.Error is not null || back.Code is not { Length: > 0 and <= LongestText } || (back.Issuer is { } issuer && provider.Issuer is { } own && issuer != own))
        {
            throw ProviderClient.Unproven(provider);
        }

        var secret = await SignInConfiguration.SecretOfAsync(client, provider.Id, ct).ConfigureAwait(false) ?? throw ProviderClient.Silent(provider);
        var identity = await _providers.IdentifyAsync(provider, secret, attempt, back.Code, ct).ConfigureAwait(false);
        if (attempt.LinkFor is { } target)
        {
            await LinkAsync(identity, target, ct).ConfigureAwait(false);
            return new IdentityOutcome(attempt.Next) { Linked = true };
        }

        var known = await CredentialOwner.FindAsync(client, identity.SecretName, ct).ConfigureAwait(false);
        if (known is { Type: OutsideIdentity.SecretType } && SessionObjects.OwnerOf(known) is { } owner)
        {
            return provider.SignIn
                ? Outcome(attempt.Next, await admit(owner, known, provider.Id, from, ct).ConfigureAwait(false))
                : throw new ServiceException(StatusCodes.Status403Forbidden, "closed", $"Nobody signs in with {provider.Name} at the moment.");
        }

        if (!provider.SignUp || now.SignUp == SignUpMode.Off)
        {
            throw new ServiceException(StatusCodes.Status403Forbidden, "unknown-identity", $"Nobody here has linked this identity of {provider.Name}. Who has a user signs in by other means and links it.");
        }

        var (ticket, _) = _strangers.Add(identity, from);
        var shown = identity.Name is { Length: <= 60 } name && name.All(c => !char.IsControl(c)) ? name : "";
        return new IdentityOutcome(attempt.Next) { SignUp = new IdentitySignUp(ticket, provider.Name, SignUpRules.Suggest(identity.Name ?? identity.Email), shown, now.SignUp == SignUpMode.Invitation) };
    }

    /// <summary>Makes a user of somebody whom a provider knows and the cloud does not.</summary>
    public async Task<Results<Ok<SignInGrant>, Accepted<SignInStep>>> SignUpAsync(IdentitySignUpRequest request, Admit admit, ClientInfo from, CancellationToken ct)
    {
        var name = SignUpRules.NameOf(request.Name);
        var shown = SignUpRules.DisplayNameOf(request.DisplayName);
        var identity = _strangers.Try(request.Ticket) ?? throw Refusals.StepIsOver();
        var provider = (await settings.ReadAsync(ct).ConfigureAwait(false)).Provider(identity.Provider.Id);
        if (provider is not { SignUp: true })
        {
            throw Refusals.StepIsOver();
        }

        var credential = await signUp.CreateAsync(new NewPerson(name, shown, request.Invitation, identity.Lock(name, time.GetUtcNow())), from, ct).ConfigureAwait(false);
        _strangers.TryEnd(request.Ticket!);
        return await admit(name, credential, provider.Id, from, ct).ConfigureAwait(false);
    }

    /// <summary>The identities that a user has linked.</summary>
    public async Task<IReadOnlyList<LinkedIdentity>> ViewsAsync(string user, CancellationToken ct)
    {
        var now = await settings.ReadAsync(ct).ConfigureAwait(false);
        return [.. (await CredentialsAsync(user, ct).ConfigureAwait(false)).Where(s => s.Type == OutsideIdentity.SecretType).Select(s => OutsideIdentity.View(s, now))];
    }

    /// <summary>Takes an identity off a user, and the sessions it opened with it; never the last way in.</summary>
    public async Task UnlinkAsync(string user, string id, CancellationToken ct)
    {
        var all = await CredentialsAsync(user, ct).ConfigureAwait(false);
        var found = all.FirstOrDefault(s => s.Metadata.Name == id && s.Type == OutsideIdentity.SecretType) ?? throw ServiceException.NotFound("You have no such identity.");
        await ways.RemoveAsync(user, id, () => client.DeleteExactlyAsync(found, null, ct), ct).ConfigureAwait(false);
    }

    public void Dispose() => _providers.Dispose();

    private static IdentityOutcome Outcome(string next, Results<Ok<SignInGrant>, Accepted<SignInStep>> admitted) => admitted switch
    {
        { Result: Ok<SignInGrant> { Value: { } grant } } => new IdentityOutcome(next) { Grant = grant },
        { Result: Accepted<SignInStep> { Value: { } step } } => new IdentityOutcome(next) { Step = step },
        _ => throw new InvalidOperationException("whoever is admitted gets a session or a step"),
    };

    private async Task<IReadOnlyList<Secret>> CredentialsAsync(string user, CancellationToken ct)
    {
        var all = await client.ListAsync<Secret>(UserDirectory.AccountsNamespace, new ListQuery { LabelSelector = $"{UserKeys.Owner}={user}" }, ct).ConfigureAwait(false);
        foreach (var secret in all.Items)
        {
            secret.Metadata.Namespace ??= UserDirectory.AccountsNamespace;
        }

        return all.Items;
    }

    private async Task<LinkTarget> TargetAsync(Secret session, CancellationToken ct)
    {
        var user = SessionObjects.OwnerOf(session)!;
        var who = await client.FindAsync<User>(null, user, ct).ConfigureAwait(false) ?? throw Refusals.StepIsOver();
        return new LinkTarget(user, who.Metadata.Uid!, session.Metadata.Name!, session.Metadata.Uid!);
    }

    // Creating the Secret is the lock: of many who want an identity one gets it. What was asked for in a session that has ended since, as
    // all do when the password is changed or the user locked, is no wish of the person any more.
    private async Task LinkAsync(OutsideIdentity identity, LinkTarget target, CancellationToken ct)
    {
        if (!await IsStillWantedAsync(target, ct).ConfigureAwait(false))
        {
            throw Refusals.StepIsOver();
        }

        var made = await LockAsync(identity, target, ct).ConfigureAwait(false);
        if (!await IsStillWantedAsync(target, CancellationToken.None).ConfigureAwait(false))
        {
            await client.DeleteExactlyAsync(made, null, CancellationToken.None).ConfigureAwait(false);
            throw Refusals.StepIsOver();
        }
    }

    private async Task<Secret> LockAsync(OutsideIdentity identity, LinkTarget target, CancellationToken ct)
    {
        var known = await CredentialOwner.FindAsync(client, identity.SecretName, ct).ConfigureAwait(false);
        if (known is null)
        {
            var wanted = identity.Lock(target.User, time.GetUtcNow());
            CredentialOwner.Bind(wanted, target.UserUid);
            try
            {
                return await client.CreateAsync(wanted, ct).ConfigureAwait(false);
            }
            catch (ApiException e) when (e.IsAlreadyExists)
            {
                known = await CredentialOwner.FindAsync(client, identity.SecretName, ct).ConfigureAwait(false);
            }
        }

        throw ServiceException.Conflict(known is not null && SessionObjects.OwnerOf(known) == target.User
            ? $"You have linked this identity of {identity.Provider.Name} already." : $"This identity of {identity.Provider.Name} is linked to another user. Sign in with it, and unlink it there first.");
    }

    private async Task<bool> IsStillWantedAsync(LinkTarget target, CancellationToken ct)
    {
        var session = await client.FindAsync<Secret>(UserDirectory.AccountsNamespace, target.SessionName, ct).ConfigureAwait(false);
        var who = await client.FindAsync<User>(null, target.User, ct).ConfigureAwait(false);
        return session?.Metadata.Uid == target.SessionUid && who is { Metadata.DeletionTimestamp: null } && who.Metadata.Uid == target.UserUid && !who.IsLocked();
    }
}
