using Sealos.ControllerKit.CustomKinds;

namespace Sealos.OsServices.Users;

/// <summary>The definitions of the kinds of <c>user.sealos.io</c>.</summary>
public static class UserDefinitions
{
    private const string Request = """
        {"type":"object","properties":{"phase":{"type":"string","enum":["Pending","Processing","Completed","Failed"]},"message":{"type":"string"}}}
        """;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<CustomKind> All { get; } =
    [
        new(User.KubeKind, """
            {"type":"object","properties":{
              "spec":{"type":"object","properties":{
                "csrExpirationSeconds":{"type":"integer","format":"int32","minimum":1,"default":1000000000,"description":"For how long the token of the user's kubeconfig is to hold, in seconds."},
                "kubeConfigRotateAt":{"type":"string","format":"date-time","description":"A new value makes a new kubeconfig, and ends the old one."}}},
              "status":{"type":"object","properties":{
                "phase":{"type":"string","enum":["Pending","Unknown","Active"],"default":"Unknown"},
                "kubeConfig":{"type":"string"},
                "observedCSRExpirationSeconds":{"type":"integer","format":"int32"},
                "observedKubeConfigRotateAt":{"type":"string","format":"date-time"},
                "observedGeneration":{"type":"integer","format":"int64"},
                "conditions":{"type":"array","items":{"type":"object","required":["type","status"],"properties":{
                  "type":{"type":"string"},"status":{"type":"string"},"lastHeartbeatTime":{"type":"string","format":"date-time"},
                  "lastTransitionTime":{"type":"string","format":"date-time"},"reason":{"type":"string"},"message":{"type":"string"}}}}}}}}
            """)
        {
            Columns =
            [
                new("Phase", "string", ".status.phase"),
                new("Name", "string", ".metadata.annotations.user\\.sealos\\.io/display-name"),
                new("Owner", "string", ".metadata.labels.user\\.sealos\\.io/owner"),
                new("Age", "date", ".metadata.creationTimestamp"),
            ],
        },
        new(Operationrequest.KubeKind, $$$"""
            {"type":"object","required":["spec"],"properties":{
              "spec":{"type":"object","required":["namespace","user","role","action"],"properties":{
                "namespace":{"type":"string","minLength":1,"maxLength":63},"user":{"type":"string","minLength":1,"maxLength":63},
                "role":{"type":"string","enum":["Owner","Manager","Developer"]},"action":{"type":"string","enum":["Grant","Update","Deprive"]} } },
              "status":{{{Request}}} } }
            """)
        {
            Columns = [new("Action", "string", ".spec.action"), new("User", "string", ".spec.user"), new("Role", "string", ".spec.role"), new("Workspace", "string", ".spec.namespace"), new("Phase", "string", ".status.phase"), new("Age", "date", ".metadata.creationTimestamp")],
        },
        new(DeleteRequest.KubeKind, $$$"""
            {"type":"object","required":["spec"],"properties":{
              "spec":{"type":"object","required":["user"],"properties":{"user":{"type":"string","minLength":1,"maxLength":63} } },
              "status":{{{Request}}} } }
            """)
        {
            Columns = [new("User", "string", ".spec.user"), new("Phase", "string", ".status.phase"), new("Age", "date", ".metadata.creationTimestamp")],
        },
        new(Invitation.KubeKind, """
            {"type":"object","required":["spec"],"properties":{
              "spec":{"type":"object","required":["invitedBy"],"properties":{
                "namespace":{"type":"string","maxLength":63},"role":{"type":"string","enum":["Manager","Developer"]},"invitedBy":{"type":"string","maxLength":63},
                "user":{"type":"string","maxLength":63},"userUid":{"type":"string","maxLength":63},"codeHash":{"type":"string","pattern":"^[0-9a-f]{64}$"},"expiresAt":{"type":"string","format":"date-time"}}},
              "status":{"type":"object","properties":{"phase":{"type":"string","enum":["Pending","Accepted","Declined","Expired"]},"acceptedBy":{"type":"string"},"acceptedAt":{"type":"string","format":"date-time"}}}}}
            """)
        {
            Columns = [new("Workspace", "string", ".spec.namespace"), new("Role", "string", ".spec.role"), new("User", "string", ".spec.user"), new("Phase", "string", ".status.phase"), new("Expires", "date", ".spec.expiresAt")],
        },
    ];
}
