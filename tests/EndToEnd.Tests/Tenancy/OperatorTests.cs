using System.Text.Json.Nodes;
using Sealos.ControllerKit.Client;
using Sealos.Testing;
using Xunit;

namespace Sealos.EndToEnd_Tests.Tenancy;

/// <summary>The operator stops a workspace and lets it go on, acts as its owner, and finds all of it in the audit log.</summary>
[Collection(CloudCollection.Name)]
public sealed class OperatorTests(CloudFixture fixture)
{
    private readonly Cloud _cloud = fixture.Cloud;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Operator_SuspendsResumesActsAsAndTells_AndTheAuditLogKnows()
    {
        await using var person = await Person.CreateAsync(_cloud, "ola");
        await person.KubectlAsync(["create", "deployment", "web", "--image", CloudFixture.Hello]).OutputAsync();
        await person.KubectlAsync(["run", "alone", "--image", CloudFixture.Hello]).OutputAsync();
        await RunningAsync(person, 2);

        await SealosAsync("workspace", "suspend", person.Namespace, "--reason", "mines coins");
        Assert.Contains(person.Namespace, await SealosAsync("workspace", "list", "--all", "--search", person.Name), StringComparison.Ordinal);
        await RunningAsync(person, 0);
        await Eventually.TrueAsync("new work is refused with the reason", async () => (await person.KubectlAsync(["create", "configmap", "more"])).Error.Contains("(mines coins)", StringComparison.Ordinal), ct: Ct);
        await Eventually.TrueAsync("it is suspended", async () => (await SealosAsync("workspace", "list", "--all", "--search", person.Name)).Contains("suspended", StringComparison.Ordinal), ct: Ct);

        await SealosAsync("workspace", "resume", person.Name);
        await RunningAsync(person, 2);

        await SealosAsync("workspace", "quota", "set", person.Name, "--pods", "31");
        await Eventually.TrueAsync("the quota is the new one", async () => (await SealosAsync("workspace", "quota", "get", person.Name)).Contains("31", StringComparison.Ordinal), ct: Ct);

        var token = (await SealosAsync("user", "impersonate", person.Name, "--reason", "ticket 12", "--for", "10m")).Trim();
        using var acting = new KubeClient(new KubeConfig { Server = person.Client.Config.Server, CertificateAuthorityPem = person.Client.Config.CertificateAuthorityPem, Token = token }, "acting");
        Assert.Null(await Person.TryAsync(acting, HttpMethod.Delete, $"/apis/apps/v1/namespaces/{person.Namespace}/deployments/web"));
        var notes = await Person.SendAsync(person.Client, HttpMethod.Get, $"/apis/notification.sealos.io/v1/namespaces/{person.Namespace}/notifications");
        Assert.Contains("ticket 12", notes.ToJsonString(), StringComparison.Ordinal);

        await Eventually.TrueAsync(
            "the audit log has it",
            async () => JsonNode.Parse(await SealosAsync("audit", "--user", person.Name, "--verb", "delete", "--resource", "deployments", "--since", "1h", "-o", "json"))!.AsArray() is [{ } entry] && (string?)entry["name"] == "web" && ((string?)entry["actingAs"])!.EndsWith(":" + person.Name, StringComparison.Ordinal),
            ct: Ct);
        var note = (await SealosAsync("announce", "Maintenance tonight", "--severity", "low")).Trim();
        await SealosAsync("announce", "--withdraw", note);
    }

    private Task<string> SealosAsync(params string[] arguments) => _cloud.SealosAsync(arguments, Ct).OutputAsync();

    private static Task RunningAsync(Person person, int count) => Eventually.TrueAsync(
        $"{count} pods run",
        async () => (await Person.SendAsync(person.Client, HttpMethod.Get, $"/api/v1/namespaces/{person.Namespace}/pods"))["items"]!.AsArray() is var pods
            && pods.Count == count && pods.All(p => (string?)p!["status"]!["phase"] == "Running"),
        ct: Ct);
}
