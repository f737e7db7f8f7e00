using Sealos.ControllerKit.Client;
using Sealos.Kinds.Core;

namespace Sealos.OsServices.Users;

/// <summary>The end of Secrets among the users' own: sessions, credentials, and what else is kept there.</summary>
internal static class AccountSecrets
{
    /// <summary>Finds those of a user, of one type where it is said.</summary>
    public static ListQuery Of(string user, string? type = null) =>
        new() { LabelSelector = $"{UserKeys.Owner}={user}", FieldSelector = type is null ? null : $"type={type}" };

    /// <summary>
    /// Deletes what a query finds, or what of it is meant, and looks again until nothing is left: whoever makes another at this moment, here or in
    /// another replica, gets it ended as well. Asked of the API and not of a copy. Answers how many there were.
    /// </summary>
    public static async Task<int> DeleteAsync(KubeClient client, ListQuery query, Func<Secret, bool>? isMeant, CancellationToken ct)
    {
        for (var ended = 0; ; )
        {
            var found = await client.ListAsync<Secret>(UserDirectory.AccountsNamespace, query, ct).ConfigureAwait(false);
            var meant = found.Items.Where(s => s.Metadata.DeletionTimestamp is null && isMeant?.Invoke(s) != false).ToList();
            if (meant.Count == 0)
            {
                return ended;
            }

            foreach (var secret in meant)
            {
                secret.Metadata.Namespace ??= UserDirectory.AccountsNamespace;
                ended += await client.DeleteExactlyAsync(secret, null, ct).ConfigureAwait(false) ? 1 : 0;
            }
        }
    }
}
