using Sealos.OsServices.Admission;
using Sealos.OsServices.Admission.Hosts;
using Sealos.OsServices.Admission.Rules;
using Xunit;
using static Sealos.OsServices_Tests.Admission.Writes;

namespace Sealos.OsServices_Tests.Admission.Rules;

public sealed class IngressRuleTests
{
    private const string What = "networking.k8s.io/ingresses";

    private readonly Claims _claims = new();

    [Theory]
    [InlineData("web.cloud.example.com", null)]
    [InlineData("shop.example.org", null)]
    [InlineData("xn--bcher-kva.example", null)]
    [InlineData("", "40300")]
    [InlineData("cloud.example.com", "40303")]
    [InlineData("CLOUD.example.com", "40303")]
    [InlineData("cloud.example.com.", "40303")]
    [InlineData("*.cloud.example.com", "40303")]
    [InlineData("*.example.org", "40303")]
    [InlineData("console.cloud.example.com", "40303")]
    [InlineData("Console.Cloud.Example.Com.", "40303")]
    [InlineData("xn--cnsole-4ta.cloud.example.com", "40303")]
    [InlineData("cоnsole.cloud.example.com", "40300")]
    [InlineData("a.web.cloud.example.com", "40300")]
    [InlineData("example.com", "40303")]
    [InlineData("com", "40303")]
    [InlineData("localhost", "40303")]
    [InlineData("kubernetes.default.svc", "40303")]
    [InlineData("kubernetes.default.svc.cluster.local", "40303")]
    [InlineData("10.208.0.1", "40303")]
    [InlineData("-a.example.org", "40300")]
    [InlineData("a..example.org", "40300")]
    [InlineData("a b.example.org", "40300")]
    public async Task Host_IsOneThatAWorkspaceMayHave(string host, string? code)
    {
        var said = await AskAsync(Rule(), Ingress(host));

        Assert.True(code is null ? said is null : said?.StartsWith(code + ": ", StringComparison.Ordinal) == true, said);
        Assert.Equal(code is null ? 1 : 0, _claims.Wanted.Count);
    }

    [Theory]
    [InlineData("Web.Cloud.Example.Com.", "web.cloud.example.com", false)]
    [InlineData("shop.example.org", "shop.example.org", true)]
    [InlineData("notcloud.example.com", "notcloud.example.com", true)]
    public async Task Host_IsTakenInOneWrittenForm_AndProvenOutsideTheCloudsDomain(string text, string host, bool isOwnDomain)
    {
        Assert.Null(await AskAsync(Rule(), Ingress(text) with { IsDryRun = true }));

        Assert.Equal([new HostWant(host, Workspace, isOwnDomain, IsDryRun: true)], _claims.Wanted);
    }

    [Fact]
    public async Task Host_ThatIsAnothers_IsRefused_AndOneThatTheIngressHadIsNotAskedForAgain()
    {
        _claims.Answer = new Refusal("40301: taken");

        Assert.Equal("40301: taken", await AskAsync(Rule(), Ingress("web.cloud.example.com")));
        Assert.Null(await AskAsync(Rule(), Ingress("web.cloud.example.com") with { Operation = AdmissionOperation.Update, OldObject = Ingress("web.cloud.example.com").Object }));
    }

    [Theory]
    [InlineData("""{"spec":{"defaultBackend":{"service":{"name":"x"}}}}""")]
    [InlineData("""{"spec":{"tls":[{"hosts":["other.example.org"]}],"rules":[{"host":"web.cloud.example.com"}]}}""")]
    [InlineData("""{"metadata":{"annotations":{"nginx.ingress.kubernetes.io/server-snippet":"x"}},"spec":{"rules":[{"host":"web.cloud.example.com"}]}}""")]
    [InlineData("""{"metadata":{"annotations":{"nginx.ingress.kubernetes.io/auth-url":"http://10.0.0.1"}},"spec":{"rules":[{"host":"web.cloud.example.com"}]}}""")]
    [InlineData("""{"metadata":{"annotations":{"higress.io/Upstream-Vhost":"x"}},"spec":{"rules":[{"host":"web.cloud.example.com"}]}}""")]
    public async Task Form_ThatReachesBeyondTheRulesHosts_IsRefusedBeforeAnythingIsTaken(string json)
    {
        Assert.NotNull(await AskAsync(Rule(), Create(What, json)));
        Assert.Empty(_claims.Wanted);
    }

    private IngressRule Rule() => new(Options, _claims);

    private static AdmissionRequest Ingress(string host) => Create(What, $$$"""{"spec":{"rules":[{"host":"{{{host}}}"}]}}""");

    private sealed class Claims : IHostClaims
    {
        public List<HostWant> Wanted { get; } = [];

        public Refusal? Answer { get; set; }

        public Task<Refusal?> TakeAsync(HostWant want, CancellationToken ct)
        {
            Wanted.Add(want);
            return Task.FromResult(Answer);
        }
    }
}
