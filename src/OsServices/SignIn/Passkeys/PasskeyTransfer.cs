using Sealos.ControllerKit.Client;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.SignIn.Passkeys;

/// <summary>Passes somebody's passkeys to another account of theirs; their authenticators go on answering with the handle that they know.</summary>
internal static class PasskeyTransfer
{
    /// <summary>Adds the passkeys of one user to those of another; can be done again.</summary>
    public static async Task PassAsync(KubeClient client, string from, User to, CancellationToken ct)
    {
        var store = new PasskeyStore(client);
        if (await store.FindAsync(from, ct).ConfigureAwait(false) is not { Handle: { } handle, All.Count: > 0 } old)
        {
            return;
        }

        if (!await store.TryMergeAsync(to, old, ct).ConfigureAwait(false))
        {
            throw new ApiException(409, "Conflict", "the passkeys were changed at the same moment");
        }

        await store.PointAsync(to.Metadata.Name!, [handle, .. old.OtherHandles], ct).ConfigureAwait(false);
    }
}
