using Sealos.ControllerKit.Client;
using Sealos.Kinds.Authentication;
using Sealos.Kinds.Core;

namespace Sealos.OsServices.Users;

/// <summary>Tokens of the service accounts of people and of their programs.</summary>
internal static class AccountTokens
{
    /// <summary>A token of an account in the users' namespace; it ends with the Secret it is bound to, at the latest after <paramref name="seconds"/>.</summary>
    /// <exception cref="ApiException">There is no such account, or the API refused.</exception>
    public static async Task<TokenRequestStatus> IssueAsync(KubeClient client, string account, Secret bound, long seconds, CancellationToken ct)
    {
        var request = new TokenRequest
        {
            ApiVersion = TokenRequest.KubeKind.ApiVersion,
            Kind = TokenRequest.KubeKind.Kind,
            Spec = new TokenRequestSpec
            {
                ExpirationSeconds = seconds,
                BoundObjectRef = new BoundObjectReference { ApiVersion = "v1", Kind = "Secret", Name = bound.Metadata.Name, Uid = bound.Metadata.Uid },
            },
        };
        var issued = await client.PostAsync<TokenRequest, TokenRequest>(ServiceAccount.KubeKind.Path(UsersObjects.SystemNamespace, account, "token"), request, ct).ConfigureAwait(false);
        return issued.Status is { Token: not null } status ? status : throw new InvalidDataException("the API server issued an empty token");
    }
}
