using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sealos.OsServices.Access;

namespace Sealos.OsServices.SignIn.Passkeys;

/// <summary>A passkey as its owner sees it.</summary>
public sealed record PasskeyInfo(string Id, string Name, DateTimeOffset Created, DateTimeOffset? LastUsed, bool BackedUp);

/// <summary>A person's passkeys.</summary>
public sealed record PasskeyList(IReadOnlyList<PasskeyInfo> Items);

/// <summary>A new passkey, and what it is to be called.</summary>
public sealed record NewPasskey(string Name, PasskeyCredential Credential);

/// <summary>What a passkey is to be called.</summary>
public sealed record PasskeyName(string Name);

/// <summary>People's own passkeys. To change them the person must have shown just now that it is them.</summary>
internal sealed class PasskeysEndpoints(PasskeyStore store, PasskeyCeremonies ceremonies, Sessions sessions, WaysIn ways)
{
    private const string Path = "/api/v1/account/passkeys";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, ListAsync).ForPeople();
        routes.MapPost(Path + "/start", StartAsync).ForFreshSession();
        routes.MapPost(Path, AddAsync).ForFreshSession();
        routes.MapPut(Path + "/{id}", RenameAsync).ForFreshSession();
        routes.MapDelete(Path + "/{id}", RemoveAsync).ForFreshSession();
    }

    private async Task<Ok<PasskeyList>> ListAsync(Caller caller, CancellationToken ct)
    {
        await sessions.RequireAsync(caller, ct).ConfigureAwait(false);
        var set = await store.FindAsync(caller.User, ct).ConfigureAwait(false);
        return TypedResults.Ok(new PasskeyList([.. (set?.All ?? []).Select(Show)]));
    }

    private async Task<Ok<PasskeyNewOptions>> StartAsync(Caller caller, CancellationToken ct)
    {
        return TypedResults.Ok(await ceremonies.StartNewAsync(caller.User, ct).ConfigureAwait(false));
    }

    private async Task<Ok<PasskeyInfo>> AddAsync(NewPasskey made, Caller caller, CancellationToken ct)
    {
        // Looked at once more when the passkey is there: a reset at this very moment finds it, or is seen.
        var passkey = await ceremonies.AddAsync(caller.User, made.Name, made.Credential, ct).ConfigureAwait(false);
        var isKept = false;
        try
        {
            await sessions.RequireAsync(caller, ct).ConfigureAwait(false);
            isKept = true;
            return TypedResults.Ok(Show(passkey));
        }
        finally
        {
            if (!isKept)
            {
                await store.TakeBackAsync(caller.User, passkey.Id).ConfigureAwait(false);
            }
        }
    }

    private async Task<NoContent> RenameAsync(string id, PasskeyName wanted, Caller caller, CancellationToken ct)
    {
        var name = PasskeyCeremonies.RequireName(wanted.Name);
        await ChangeAsync(caller.User, id, (set, passkey) => set.Put(passkey with { Name = name }), ct).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private async Task<NoContent> RemoveAsync(string id, Caller caller, CancellationToken ct)
    {
        var session = await sessions.RequireAsync(caller, ct).ConfigureAwait(false);
        if ((await store.FindAsync(caller.User, ct).ConfigureAwait(false))?.Find(id) is null)
        {
            throw PasskeyRefusals.NoSuchPasskey();
        }

        await ways.RemoveAsync(caller.User, WaysIn.Passkey(id), () => ChangeAsync(caller.User, id, (set, _) => set.Remove(id), ct), ct).ConfigureAwait(false);

        // A passkey is removed because a machine is lost, which has a session open perhaps, or let a program in.
        await sessions.EndOpenedWithAsync(caller.User, id, session.Metadata.Name, ct).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private async Task ChangeAsync(string user, string id, Action<PasskeySet, Passkey> change, CancellationToken ct)
    {
        if (await store.FindAsync(user, ct).ConfigureAwait(false) is not { } set || set.Find(id) is not { } passkey)
        {
            throw PasskeyRefusals.NoSuchPasskey();
        }

        change(set, passkey);
        _ = await store.TryWriteAsync(set, ct).ConfigureAwait(false) ?? throw ServiceException.Conflict("Your passkeys were changed just now: try again.");
    }

    private static PasskeyInfo Show(Passkey passkey) => new(passkey.Id, passkey.Name, passkey.Created, passkey.LastUsed, passkey.IsBackedUp);
}
