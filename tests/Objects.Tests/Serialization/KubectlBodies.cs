namespace Sealos.Objects.Tests.Serialization;

/// <summary>Request bodies as kubectl 1.32 sent them; the command stands above each.</summary>
internal static class KubectlBodies
{
    // kubectl create deployment web --image=nginx:1 --replicas=0 --port=80
    public const string Deployment =
        "azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50EroBCh8KA3dlYhIAGgAiACoAMgA4AEIAWgoKA2FwcBIDd2ViEogBCAASDAoKCgNhcHASA3dlYhpuChwKABIAGgAiACoAMgA4AEIAWgoKA2FwcBIDd2"
        + "ViEk4SMAoFbmdpbngSB25naW54OjEqADIKCgAQABhQIgAqAEIAagByAIABAIgBAJABAKIBABoAMgBCAEoAUgBYAGAAaACCAQCKAQCaAQDCAQAiAgoAKAA4ABoMCAAQABgAIAAoADgAGgAiAA==";

    // kubectl create ns abc
    public const string Namespace =
        "azhzAAoPCgJ2MRIJTmFtZXNwYWNlEhsKEwoDYWJjEgAaACIAKgAyADgAQgASABoCCgAaACIA";

    // kubectl create secret generic s1 --from-literal=a=b
    public const string Secret =
        "azhzAAoMCgJ2MRIGU2VjcmV0Eh4KEgoCczESABoAIgAqADIAOABCABIGCgFhEgFiGgAaACIA";

    // kubectl create configmap c1 --from-literal=a=b
    public const string ConfigMap =
        "azhzAAoPCgJ2MRIJQ29uZmlnTWFwEhwKEgoCYzESABoAIgAqADIAOABCABIGCgFhEgFiGgAiAA==";

    // kubectl create service clusterip svc --tcp=80:http
    public const string ClusterIpService =
        "azhzAAoNCgJ2MRIHU2VydmljZRJsCh8KA3N2YxIAGgAiACoAMgA4AEIAWgoKA2FwcBIDc3ZjEkUKHgoHODAtaHR0cBIDVENQGFAiCggBEAAaBGh0dHAoABIKCgNhcHASA3N2YxoAIglDbHVzdGVySV"
        + "A6AEIAUgBaAGAAaAAaAgoAGgAiAA==";

    // kubectl create service nodeport svc2 --tcp=80:8080
    public const string NodePortService =
        "azhzAAoNCgJ2MRIHU2VydmljZRJrCiEKBHN2YzISABoAIgAqADIAOABCAFoLCgNhcHASBHN2YzISQgobCgc4MC04MDgwEgNUQ1AYUCIHCAAQkD8aACgAEgsKA2FwcBIEc3ZjMhoAIghOb2RlUG9ydD"
        + "oAQgBSAFoAYABoABoCCgAaACIA";

    // kubectl create clusterrole cr --verb=get --non-resource-url=/healthz
    public const string ClusterRole =
        "azhzAAorChxyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvL3YxEgtDbHVzdGVyUm9sZRIlChIKAmNyEgAaACIAKgAyADgAQgASDwoDZ2V0KggvaGVhbHRoehoAIgA=";

    // kubectl create rolebinding rb --clusterrole=view --user=u --serviceaccount=a:b
    public const string RoleBinding =
        "azhzAAorChxyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvL3YxEgtSb2xlQmluZGluZxKGAQoSCgJyYhIAGgAiACoAMgA4AEIAEiYKBFVzZXISGXJiYWMuYXV0aG9yaXphdGlvbi5rOHMuaW8aAXUiAB"
        + "IYCg5TZXJ2aWNlQWNjb3VudBIAGgFiIgFhGi4KGXJiYWMuYXV0aG9yaXphdGlvbi5rOHMuaW8SC0NsdXN0ZXJSb2xlGgR2aWV3GgAiAA==";

    // kubectl create job j1 --image=busybox -- date
    public const string Job =
        "azhzAAoPCghiYXRjaC92MRIDSm9iEoABChIKAmoxEgAaACIAKgAyADgAQgASYDJeChAKABIAGgAiACoAMgA4AEIAEkoSJwoCajESB2J1c3lib3gaBGRhdGUqAEIAagByAIABAIgBAJABAKIBABoFTm"
        + "V2ZXIyAEIASgBSAFgAYABoAIIBAIoBAJoBAMIBABoIIAAoADAAOgAaACIA";

    // kubectl create cronjob cj --image=busybox --schedule='* * * * *' -- date
    public const string CronJob =
        "azhzAAoTCghiYXRjaC92MRIHQ3JvbkpvYhKiAQoSCgJjahIAGgAiACoAMgA4AEIAEokBCgkqICogKiAqICoaACp6ChIKAmNqEgAaACIAKgAyADgAQgASZDJiChAKABIAGgAiACoAMgA4AEIAEk4SJw"
        + "oCY2oSB2J1c3lib3gaBGRhdGUqAEIAagByAIABAIgBAJABAKIBABoJT25GYWlsdXJlMgBCAEoAUgBYAGAAaACCAQCKAQCaAQDCAQAaABoAIgA=";

    // kubectl create ingress ing --rule='foo.com/bar=svc:80,tls=s' --rule='/x*=svc:http'
    public const string Ingress =
        "azhzAAofChRuZXR3b3JraW5nLms4cy5pby92MRIHSW5ncmVzcxJ/ChMKA2luZxIAGgAiACoAMgA4AEIAEmQSDAoHZm9vLmNvbRIBcxorCgdmb28uY29tEiAKHgocCgQvYmFyEg0iCwoDc3ZjEgQKAB"
        + "BQGgVFeGFjdBonCgASIwohCh8KAi94EhEiDwoDc3ZjEggKBGh0dHAQABoGUHJlZml4GgIKABoAIgA=";

    // kubectl create quota q --hard=cpu=1,pods=2
    public const string ResourceQuota =
        "azhzAAoTCgJ2MRINUmVzb3VyY2VRdW90YRIwChEKAXESABoAIgAqADIAOABCABIZCgoKA2NwdRIDCgExCgsKBHBvZHMSAwoBMhoAGgAiAA==";

    // kubectl create pdb p --selector=a=b --min-available=50%
    public const string DisruptionBudget =
        "azhzAAogCglwb2xpY3kvdjESE1BvZERpc3J1cHRpb25CdWRnZXQSNgoRCgFwEgAaACIAKgAyADgAQgASFQoJCAEQABoDNTAlEggKBgoBYRIBYhoKCAAYACAAKAAwABoAIgA=";

    // kubectl create priorityclass pc --value=1000
    public const string PriorityClass =
        "azhzAAolChRzY2hlZHVsaW5nLms4cy5pby92MRINUHJpb3JpdHlDbGFzcxIxChIKAnBjEgAaACIAKgAyADgAQgAQ6AcYACIAKhRQcmVlbXB0TG93ZXJQcmlvcml0eRoAIgA=";

    // kubectl create token default --duration=600s
    public const string TokenRequest =
        "azhzAAooChhhdXRoZW50aWNhdGlvbi5rOHMuaW8vdjESDFRva2VuUmVxdWVzdBIdChAKABIAGgAiACoAMgA4AEIAEgMg2AQaBAoAEgAaACIA";

    // kubectl auth can-i get pods
    public const string AccessReview =
        "azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcSPAoQCgASABoAIgAqADIAOABCABIeChwKB2RlZmF1bHQSA2dldBoAIgAqBHBvZHMyADoAGggIAB"
        + "IAGgAgABoAIgA=";

    // kubectl auth whoami
    public const string SubjectReview =
        "azhzAAotChhhdXRoZW50aWNhdGlvbi5rOHMuaW8vdjESEVNlbGZTdWJqZWN0UmV2aWV3EhoKEAoAEgAaACIAKgAyADgAQgASBgoECgASABoAIgA=";
}
