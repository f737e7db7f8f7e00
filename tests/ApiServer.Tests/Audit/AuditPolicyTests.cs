using Sealos.ApiServer.Audit;
using Sealos.ApiServer.Authentication;
using Sealos.ApiServer.Http;
using Xunit;

namespace Sealos.ApiServer.Tests.Audit;

public sealed class AuditPolicyTests
{
    private const string Rules =
        """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [ResponseStarted]
        rules:
        - level: None
          users: [silent]
        - level: Request
          userGroups: [loud]
          verbs: [create]
        - level: RequestResponse
          resources:
          - group: ""
            resources: [pods, pods/log, services/*, "*/scale", secrets, serviceaccounts/token]
        - level: Metadata
          namespaces: [watched]
          omitStages: [RequestReceived]
        - level: Request
          resources:
          - group: apps
            resources: [deployments]
            resourceNames: [web]
        - level: Metadata
          nonResourceURLs: [/metrics, /logs/*]
        """;

    [Theory]
    [InlineData("silent", "create", "", "pods", "None")]
    [InlineData("ann", "create", "", "pods", "RequestResponse")]
    [InlineData("ann", "get", "", "pods/log", "RequestResponse")]
    [InlineData("ann", "get", "", "pods/exec", "None")]
    [InlineData("ann", "get", "", "services/proxy", "RequestResponse")]
    [InlineData("ann", "get", "", "replicationcontrollers/scale", "RequestResponse")]
    [InlineData("ann", "create", "", "secrets", "Metadata")]
    [InlineData("ann", "create", "", "serviceaccounts/token", "Metadata")]
    [InlineData("ann", "get", "apps", "deployments", "Request")]
    [InlineData("ann", "get", "apps", "statefulsets", "None")]
    public void Decide_ByRules_TakesTheFirstThatFits(string user, string verb, string group, string resource, string level)
    {
        var parts = resource.Split('/');
        var info = new RequestInfo { Verb = verb, Path = "/x", Group = group, Version = "v1", Plural = parts[0], Subresource = parts.ElementAtOrDefault(1), Name = "web" };

        Assert.Equal(level, AuditPolicy.Parse(Rules).Decide(User(user), info).Level.ToString());
    }

    [Theory]
    [InlineData("/metrics", "Metadata")]
    [InlineData("/logs/a", "Metadata")]
    [InlineData("/version", "None")]
    public void Decide_PathsOutsideTheApi_ByTheirPattern(string path, string level) =>
        Assert.Equal(level, AuditPolicy.Parse(Rules).Decide(User("ann"), new RequestInfo { Verb = "get", Path = path }).Level.ToString());

    [Fact]
    public void Decide_OmittedStages_AreThoseOfPolicyAndRule()
    {
        var info = new RequestInfo { Verb = "get", Path = "/x", Version = "v1", Plural = "configmaps", Namespace = "watched" };

        Assert.Equal(["RequestReceived", "ResponseStarted"], AuditPolicy.Parse(Rules).Decide(User("ann"), info).OmittedStages.Order());
    }

    [Theory]
    [InlineData("get", "pods", "None")]
    [InlineData("create", "pods", "Metadata")]
    [InlineData("delete", "secrets", "Metadata")]
    [InlineData("create", "events", "None")]
    public void Default_WritesDownWhoChangedWhat(string verb, string resource, string level) =>
        Assert.Equal(level, AuditPolicy.Default.Decide(User("ann"), new RequestInfo { Verb = verb, Path = "/x", Version = "v1", Plural = resource }).Level.ToString());

    [Theory]
    [InlineData("{]", "the audit policy is not YAML")]
    [InlineData("kind: Policy", "must be of apiVersion audit.k8s.io/v1")]
    [InlineData("{apiVersion: audit.k8s.io/v1, kind: Policy, rules: []}", "has no rules")]
    [InlineData("{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: All}]}", "the audit level All is not one of")]
    [InlineData("{apiVersion: audit.k8s.io/v1, kind: Policy, omitStages: [Later], rules: [{level: None}]}", "the audit stage Later is not one of")]
    public void Parse_NotAPolicy_NamesWhatIsWrong(string text, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => AuditPolicy.Parse(text)).Message, StringComparison.Ordinal);

    private static UserInfo User(string name) => new(name, null, ["system:authenticated"], UserInfo.NoExtra);
}
