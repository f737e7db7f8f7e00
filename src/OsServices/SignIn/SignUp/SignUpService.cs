using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.OsServices.Access;
using Sealos.OsServices.SignIn.Identities;
using Sealos.OsServices.Users;
using Sealos.OsServices.Workspaces;

namespace Sealos.OsServices.SignIn.SignUp;

/// <summary>Somebody who wants to be a user: what is said of them has been looked at.</summary>
/// <param name="Name">What they sign in with.</param>
/// <param name="DisplayName">What others read; null says the name.</param>
/// <param name="Invitation">The code they bring, or null.</param>
/// <param name="Credential">What will let them in: a Secret of theirs that is not there yet.</param>
internal sealed record NewPerson(string Name, string? DisplayName, string? Invitation, Secret Credential);

/// <summary>Makes users of strangers where the settings let it. The User object is the lock: of many who want a name one gets it.</summary>
internal sealed partial class SignUpService(KubeClient client, SignInSettingsSource settings, SignUpTickets tickets, SignUpGuard guard, ILogger<SignUpService> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ObjectWait _wait = new(client, TimeProvider.System);

    /// <summary>Refuses where nobody may sign up.</summary>
    public async Task CheckAsync(ClientInfo from, CancellationToken ct)
    {
        guard.CheckTry(from);
        if ((await settings.ReadAsync(ct).ConfigureAwait(false)).SignUp == SignUpMode.Off)
        {
            throw Closed();
        }
    }

    /// <summary>Makes somebody a user, and returns when their workspace can be used; the answer is the credential as it is kept.</summary>
    public async Task<Secret> CreateAsync(NewPerson person, ClientInfo from, CancellationToken ct)
    {
        var mode = (await settings.ReadAsync(ct).ConfigureAwait(false)).SignUp;
        if (mode == SignUpMode.Off)
        {
            throw Closed();
        }

        // Before any word on the name: who has no invitation learns of nobody.
        var ticket = mode == SignUpMode.Invitation || !string.IsNullOrWhiteSpace(person.Invitation)
            ? await tickets.TakeAsync(person.Invitation, person.Name, ct).ConfigureAwait(false)
            : null;
        User? user = null;
        Secret? credential = null;
        try
        {
            user = await MakeUserAsync(person, ticket?.Invitation.Metadata.Name, from, ct).ConfigureAwait(false);
            credential = await MakeCredentialAsync(user, person.Credential, ct).ConfigureAwait(false);
        }
        finally
        {
            if (credential is null)
            {
                await TakeBackAsync(user, ticket).ConfigureAwait(false);
            }
        }

        // What the invitation promises is not lost when the rest takes long, or whoever asked is gone.
        var entering = EnterAsync(user, ticket);
        try
        {
            await WaitAsync(person.Name, ct).ConfigureAwait(false);
        }
        finally
        {
            if (await entering.ConfigureAwait(false))
            {
                await EndAsync(user).ConfigureAwait(false);
            }
        }

        return credential;
    }

    // Whoever asked may be gone by now: their invitation is still theirs, and a user whom nothing lets in would only keep the name from others.
    // In this order, as the end of a user takes along what they came in by.
    private async Task TakeBackAsync(User? user, SignUpTickets.Ticket? ticket)
    {
        if (ticket is not null)
        {
            await tickets.GiveBackAsync(ticket, CancellationToken.None).ConfigureAwait(false);
        }

        if (user is not null)
        {
            await client.DeleteExactlyAsync(user, null, CancellationToken.None).ConfigureAwait(false);
        }
    }

    // Answers whether nothing of it is left to do.
    private async Task<bool> EnterAsync(User user, SignUpTickets.Ticket? ticket)
    {
        try
        {
            if (ticket is not null)
            {
                await tickets.EnterAsync(ticket, user.Metadata.Name!, CancellationToken.None).ConfigureAwait(false);
            }

            return true;
        }
        catch (ServiceException e)
        {
            // The user is there, and that counts for more.
            LogNotEntered(logger, ticket!.Invitation.Metadata.Name, e.Message);
            return true;
        }
        catch (Exception e) when (e is ApiException or HttpRequestException)
        {
            // The users' controller finishes it.
            LogNotEntered(logger, ticket!.Invitation.Metadata.Name, e.Message);
            return false;
        }
    }

    private async Task EndAsync(User user)
    {
        try
        {
            await UserBeginning.EndAsync(client, user, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException)
        {
            LogNotEnded(logger, user.Metadata.Name, e.Message);
        }
    }

    private ServiceException Closed() => new(
        StatusCodes.Status403Forbidden, "closed", settings.IsSingleUser ? "This cloud is one person's: nobody else becomes a user of it." : "This cloud makes no users of strangers. Ask its operator for one.");

    private static ServiceException Taken() => new(StatusCodes.Status409Conflict, "taken", "This name is taken; choose another.", "name");

    private async Task<User> MakeUserAsync(NewPerson person, string? invitation, ClientInfo from, CancellationToken ct)
    {
        // What is there already is nobody's to get by being called after it.
        var ns = client.FindAsync<Namespace>(null, UsersObjects.WorkspaceOf(person.Name), ct);
        var account = client.FindAsync<ServiceAccount>(UsersObjects.SystemNamespace, person.Name, ct);
        if (await ns.ConfigureAwait(false) is not null | await account.ConfigureAwait(false) is not null)
        {
            throw Taken();
        }

        guard.CheckUser(from);
        var user = new User { Metadata = new ObjectMeta { Name = person.Name }, Spec = new UserSpec() };
        user.Metadata.Annotations = new Dictionary<string, string> { [UserKeys.SigningUp] = invitation ?? "" };
        if (person.DisplayName is { } shown)
        {
            user.Metadata.Annotations[UserKeys.DisplayName] = shown;
        }

        try
        {
            return await client.CreateAsync(user, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            throw Taken();
        }
    }

    private async Task<Secret> MakeCredentialAsync(User user, Secret credential, CancellationToken ct)
    {
        try
        {
            CredentialOwner.Bind(credential, user.Metadata.Uid!);
            return await client.CreateAsync(credential, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or OperationCanceledException)
        {
            throw e is ApiException { IsAlreadyExists: true } ? credential.Type == OutsideIdentity.SecretType ? ServiceException.Conflict("This identity is linked to a user already: sign in with it.") : Taken()
                : new ServiceException(StatusCodes.Status503ServiceUnavailable, "unavailable", "The cloud cannot answer at the moment; try again soon.");
        }
    }

    private async Task WaitAsync(string name, CancellationToken ct)
    {
        var (isDone, user) = await _wait.UntilAsync<User>(null, name, u => u is null || u.Status?.Phase == "Active", Patience, ct).ConfigureAwait(false);
        if (!isDone || user is null)
        {
            throw ServiceException.TooLate("Your user is made, and its workspace takes longer than usual: sign in in a minute.");
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "a new user did not enter the workspace of invitation {Invitation}: {Reason}")]
    private static partial void LogNotEntered(ILogger logger, string? invitation, string reason);

    [LoggerMessage(2, LogLevel.Warning, "that new user {User} is complete could not be noted: {Reason}")]
    private static partial void LogNotEnded(ILogger logger, string? user, string reason);
}
