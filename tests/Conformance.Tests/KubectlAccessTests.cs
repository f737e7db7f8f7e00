using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests;

/// <summary>Unmodified kubectl where it is about who somebody is and what they may, and with the older and the computed kinds.</summary>
public sealed class KubectlAccessTests(CloudFixture fixture)
{
    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Certificate_ApprovedByAnOperator_SignsIn()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = new CertificateRequest(new X500DistinguishedName("CN=newcomer,O=visitors"), key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        await RunWithInputAsync(
            $$"""
            apiVersion: certificates.k8s.io/v1
            kind: CertificateSigningRequest
            metadata: {name: newcomer}
            spec:
              request: {{Convert.ToBase64String(Encoding.ASCII.GetBytes(pem))}}
              signerName: kubernetes.io/kube-apiserver-client
              expirationSeconds: 3600
              usages: [digital signature, client auth]
            """,
            "create", "-f", "-");
        Assert.Matches(@"newcomer\s+\S+\s+kubernetes.io/kube-apiserver-client\s+kubernetes-admin\s+60m\s+Pending", await RunAsync("get", "csr", "newcomer"));

        await RunAsync("certificate", "approve", "newcomer");

        var issued = await Eventually.GetAsync("a certificate", async () => await RunAsync("get", "csr", "newcomer", "-o", "jsonpath={.status.certificate}") is { Length: > 0 } text ? text : null, null, Ct);
        Assert.Contains("Approved,Issued", await RunAsync("get", "csr", "newcomer"), StringComparison.Ordinal);
        var config = await WriteConfigAsync(Encoding.ASCII.GetString(Convert.FromBase64String(issued)), key.ExportPkcs8PrivateKeyPem());
        try
        {
            var who = JsonNode.Parse(await RunAsync("auth", "whoami", "-o", "json", "--kubeconfig", config))!["status"]!["userInfo"]!;
            Assert.Equal(("newcomer", "visitors"), ((string)who["username"]!, (string)who["groups"]![0]!));
        }
        finally
        {
            File.Delete(config);
        }

        await RunAsync("delete", "csr", "newcomer");
    }

    [Fact]
    public async Task Rights_AreListedForWhomeverIsAskedAfter()
    {
        await RunAsync("create", "namespace", "rights");
        await RunAsync("create", "role", "reader", "--verb=get,list", "--resource=configmaps", "--resource-name=one", "-n", "rights");
        await RunAsync("create", "rolebinding", "reader", "--role=reader", "--user=ann", "-n", "rights");

        var list = await RunAsync("auth", "can-i", "--list", "-n", "rights", "--as", "ann");

        Assert.Matches(@"configmaps\s+\[\]\s+\[one\]\s+\[get list\]", list);
        Assert.Matches(@"selfsubjectreviews.authentication.k8s.io\s+\[\]\s+\[\]\s+\[create\]", list);
        Assert.Contains("ann", await RunAsync("auth", "whoami", "--as", "ann", "--as-group", "devs", "--as-uid", "42"), StringComparison.Ordinal);
        Assert.Equal("yes", (await RunAsync("auth", "can-i", "get", "configmaps/one", "-n", "rights", "--as", "ann")).Trim());
        await RunAsync("delete", "namespace", "rights", "--timeout=60s");
    }

    [Fact]
    public async Task ReplicationController_ScaledAndDeleted_LeavesItsPodsWhenTold()
    {
        await RunAsync("create", "namespace", "rc");
        await RunWithInputAsync(
            """
            apiVersion: v1
            kind: ReplicationController
            metadata: {name: web}
            spec:
              replicas: 1
              template:
                metadata: {labels: {app: web}}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers: [{name: hello, image: "sealos.hub/library/hello:1"}]
            """,
            "create", "-n", "rc", "-f", "-");
        await RunAsync("scale", "rc/web", "--replicas=2", "-n", "rc");
        await RunAsync("wait", "rc/web", "--for=jsonpath={.status.readyReplicas}=2", "-n", "rc", "--timeout=60s");
        Assert.Matches(@"web\s+2\s+2\s+2", await RunAsync("get", "rc", "-n", "rc"));

        await RunAsync("delete", "rc", "web", "--cascade=orphan", "-n", "rc");

        Assert.Equal(2, (await RunAsync("get", "pods", "-n", "rc", "-o", "name")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        await RunAsync("delete", "namespace", "rc", "--timeout=60s");
    }

    [Fact]
    public async Task Usage_OfNodesAndPods_IsShown()
    {
        await RunAsync("run", "busy", "--image=sealos.hub/library/hello:1", "-n", "default");
        await RunAsync("wait", "--for=condition=Ready", "pod/busy", "-n", "default", "--timeout=30s");

        // What was measured before it ran is kept for some seconds.
        await Eventually.TrueAsync("usage of the pod", async () => (await _cloud.KubectlAsync(["top", "pod", "busy", "-n", "default"], Ct)).ExitCode == 0, TimeSpan.FromSeconds(60), Ct);

        Assert.Matches(@"busy\s+\d+m\s+\d+Mi", await RunAsync("top", "pod", "busy", "-n", "default"));
        Assert.Matches(@"node-1\s+\d+m\s+\d+%\s+\d+Mi\s+\d+%", await RunAsync("top", "node"));
        await RunAsync("delete", "pod", "busy", "-n", "default");
    }

    [Fact]
    public async Task Debug_AddsAContainerToAPodThatRuns()
    {
        await RunAsync("run", "sick", "--image=sealos.hub/library/hello:1", "-n", "default");
        await RunAsync("wait", "--for=condition=Ready", "pod/sick", "-n", "default", "--timeout=30s");

        await RunAsync("debug", "sick", "--image=sealos.hub/library/hello:1", "--container=doctor", "--target=sick", "-n", "default", "--", "/hello", "--version");

        await RunAsync("wait", "pod/sick", "--for=jsonpath={.status.ephemeralContainerStatuses[0].state.terminated.exitCode}=0", "-n", "default", "--timeout=60s");
        Assert.Contains("hello", await RunAsync("logs", "sick", "-c", "doctor", "-n", "default"), StringComparison.Ordinal);
        await RunAsync("delete", "pod", "sick", "-n", "default");
    }

    private async Task<string> WriteConfigAsync(string certificate, string key)
    {
        var file = Path.GetTempFileName();
        var admin = await RunAsync("config", "view", "--raw", "-o", "json");
        var config = JsonNode.Parse(admin)!;
        var user = config["users"]![0]!["user"]!;
        user["client-certificate-data"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(certificate));
        user["client-key-data"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(key));
        await File.WriteAllTextAsync(file, config.ToJsonString(), Ct);
        return file;
    }

    private Task<string> RunAsync(params string[] arguments) => RunWithInputAsync(null, arguments);

    private async Task<string> RunWithInputAsync(string? input, params string[] arguments)
    {
        var result = await _cloud.KubectlAsync(arguments, Ct, input);
        Assert.True(result.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {result}");
        return result.Output;
    }
}
