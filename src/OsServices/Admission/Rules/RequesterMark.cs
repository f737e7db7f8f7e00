using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>
/// Notes on each request of a tenant whose it is, so that it can be judged again when it is carried out. What the cloud itself asks for,
/// and operators, bears no mark.
/// </summary>
internal sealed class RequesterMark : IAdmissionPatch
{
    public IReadOnlyList<RuleScope> Scopes { get; } =
    [
        new(Place.Accounts, "C", Operationrequest.KubeKind.Group, Operationrequest.KubeKind.Plural),
        new(Place.Cluster, "C", DeleteRequest.KubeKind.Group, DeleteRequest.KubeKind.Plural),
    ];

    public IEnumerable<JsonObject> Patch(AdmissionRequest request)
    {
        if (!request.Caller.IsTenant || request.Caller.User is not { } user)
        {
            yield break;
        }

        if (request.Object.Child("metadata").Child("labels") is null)
        {
            yield return Add("/metadata/labels", new JsonObject { [UserKeys.Requester] = user });
        }
        else
        {
            yield return Add("/metadata/labels/" + UserKeys.Requester.Replace("/", "~1", StringComparison.Ordinal), user);
        }
    }

    /// <summary>Refuses a request that says it is somebody else's, or does not say whose it is.</summary>
    public static Refusal? Judge(AdmissionRequest request) =>
        request.Object.Child("metadata").Child("labels").Text(UserKeys.Requester) == request.Caller.User
            ? null
            : new Refusal($"label {UserKeys.Requester} says who asks, and is written by the cloud: leave it out");

    private static JsonObject Add(string path, JsonNode value) => new() { ["op"] = "add", ["path"] = path, ["value"] = value };
}
