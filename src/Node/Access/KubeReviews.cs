using Sealos.ControllerKit.Client;
using Sealos.Kinds.Authentication;
using Sealos.Kinds.Authorization;

namespace Sealos.Node.Access;

/// <summary>Asks the API with TokenReviews and SubjectAccessReviews.</summary>
internal sealed class KubeReviews(KubeClient client, string nodeName) : IReviews
{
    /// <inheritdoc/>
    public async Task<Caller?> FindAsync(string token, CancellationToken ct)
    {
        var review = await client.CreateAsync(new TokenReview { Spec = new TokenReviewSpec { Token = token } }, ct).ConfigureAwait(false);
        return review.Status is { Authenticated: true, User: { Username: { } name } user }
            ? new Caller(name, user.Uid ?? "", user.Groups ?? [], user.Extra ?? [])
            : null;
    }

    /// <inheritdoc/>
    public async Task<bool> MayAsync(Caller caller, string verb, string subresource, CancellationToken ct)
    {
        var review = await client.CreateAsync(
            new SubjectAccessReview
            {
                Spec = new SubjectAccessReviewSpec
                {
                    User = caller.Name,
                    Uid = caller.Uid,
                    Groups = [.. caller.Groups],
                    Extra = new(caller.Extra),
                    ResourceAttributes = new ResourceAttributes { Verb = verb, Version = "v1", Resource = "nodes", Subresource = subresource, Name = nodeName },
                },
            },
            ct).ConfigureAwait(false);
        return review.Status is { Allowed: true };
    }
}
