using Sealos.Kinds.Discovery;
using Sealos.Kinds.Meta;
using Sealos.Kinds.Networking;
using Sealos.Network.Gateway;
using Sealos.Network.Gateway.Routing;
using Xunit;

namespace Sealos.Network_Tests.Gateway;

public sealed class RouteTableTests
{
    private static readonly GatewayOptions Options = new() { Domain = "cloud.test" };

    private readonly BackendTable _backends = new(Options);
    private readonly RouteTable _routes;

    public RouteTableTests() => _routes = new RouteTable(Options, _backends, new IngressClasses(Options));

    [Theory]
    [InlineData("web.test", "/", "root")]
    [InlineData("WEB.test.", "/other", "root")]
    [InlineData("web.test", "/api", "api")]
    [InlineData("web.test", "/api/", "api")]
    [InlineData("web.test", "/api/v1/x", "v1")]
    [InlineData("web.test", "/apix", "root")]
    [InlineData("web.test", "/exact", "exact")]
    [InlineData("web.test", "/exact/x", "root")]
    [InlineData("a.wild.test", "/", "wild")]
    [InlineData("own.wild.test", "/", "own")]
    [InlineData("a.b.wild.test", "/", "rest")]
    [InlineData("wild.test", "/", "rest")]
    [InlineData("unknown.test", "/x", "rest")]
    public void Find_ChoosesTheClosestHostThenTheLongestPath(string host, string path, string service)
    {
        Apply(Cluster.Ingress(
            "default",
            "web",
            Cluster.Rule("web.test", Cluster.Path("/", "Prefix", "root"), Cluster.Path("/api/v1", "Prefix", "v1"), Cluster.Path("/api", "ImplementationSpecific", "api"), Cluster.Path("/exact", "Exact", "exact")),
            Cluster.Rule("*.wild.test", Cluster.Path("/", "Prefix", "wild")),
            Cluster.Rule("own.wild.test", Cluster.Path("/", "Prefix", "own")),
            Cluster.Rule(null, Cluster.Path("/", "Prefix", "rest"))));

        Assert.Equal(service, _routes.Find(host)?.Find(path)?.Backend.Key.Service);
    }

    [Fact]
    public void Change_AmongTwentyThousandHosts_TouchesItsOwnHostsOnly()
    {
        const int Hosts = 20_000;
        for (var i = 0; i < Hosts; i++)
        {
            AddApp(i);
        }

        var untouched = Enumerable.Range(0, Hosts).Where(i => i != 777).Select(i => _routes.Find(HostOf(i))).ToArray();
        var moved = Cluster.Ingress("ns-777", "app", "moved.test", "app");
        moved.Metadata.Generation = 2;

        _routes.OnIngress(Cluster.Ingress("ns-777", "app", HostOf(777), "app"), moved);
        _backends.OnSlice(null, Slice("ns-3", "app", "10.208.9.9", 8080));

        Assert.Equal(Hosts, _routes.HostCount);
        Assert.Null(_routes.Find(HostOf(777)));
        Assert.Equal("app", _routes.Find("moved.test")!.Find("/")!.Backend.Key.Service);
        Assert.Equal("10.208.9.9:8080", _routes.Find(HostOf(3))!.Find("/")!.Backend.Pick(null, TimeProvider.System)!.Authority);
        Assert.All(Enumerable.Range(0, Hosts).Where(i => i != 777).Zip(untouched), p => Assert.Same(p.Second, _routes.Find(HostOf(p.First))));
    }

    [Fact]
    public void Host_ClaimedByTwoWorkspaces_BelongsToTheOlder_AndPassesOnWhenItGoes()
    {
        var reports = new List<string>();
        _routes.Report = (about, problems, _) => reports.AddRange(problems.Select(p => $"{about.Metadata.Namespace}: {p}"));
        var thief = Cluster.Ingress("ns-thief", "web", "web.test", "stolen");
        thief.Metadata.CreationTimestamp = Cluster.Start.AddDays(1);
        var owner = Cluster.Ingress("ns-owner", "web", "web.test", "own");

        Apply(thief);
        Apply(owner);
        Apply(Cluster.Ingress("ns-owner", "more", Cluster.Rule("web.test", Cluster.Path("/more", "Prefix", "more"))));
        var second = Cluster.Ingress("ns-thief", "deep", Cluster.Rule("web.test", Cluster.Path("/more/deep", "Prefix", "stolen")));
        second.Metadata.CreationTimestamp = Cluster.Start.AddDays(2);
        Apply(second);

        Assert.Equal("own", ServiceAt("web.test", "/"));
        Assert.Equal("more", ServiceAt("web.test", "/more/deep"));
        Assert.Equal(["ns-thief: host 'web.test' is already in use by another workspace"], reports);
        _routes.OnIngress(owner, null);
        Assert.Equal("more", ServiceAt("web.test", "/more"));
        _routes.OnIngress(Cluster.Ingress("ns-owner", "more", "web.test", "more"), null);
        Assert.Equal("stolen", ServiceAt("web.test", "/"));
    }

    [Theory]
    [InlineData("cloud.test", "belongs to the cloud itself")]
    [InlineData("CLOUD.test", "belongs to the cloud itself")]
    [InlineData("*.cloud.test", "other people's hosts")]
    [InlineData("*.test", "other people's hosts")]
    [InlineData(null, "would catch everybody's requests")]
    [InlineData("bad host", "no host name")]
    public void Tenant_AskingForACommonHost_IsRefusedByName(string? host, string why)
    {
        var reports = new List<string>();
        _routes.Report = (_, problems, _) => reports.AddRange(problems);

        Apply(Cluster.Ingress("ns-tenant", "web", host, "web"));

        Assert.Contains(why, Assert.Single(reports), StringComparison.Ordinal);
        Assert.Equal(0, _routes.HostCount);
    }

    [Fact]
    public void Class_DecidesWhoseIngressItIs_AndItsObjectOverridesTheName()
    {
        var foreign = Cluster.Ingress("default", "foreign", "foreign.test", "web");
        foreign.Spec!.IngressClassName = "traefik";
        var annotated = Cluster.Ingress("default", "annotated", "annotated.test", "web", new() { ["kubernetes.io/ingress.class"] = "nginx" });
        annotated.Spec!.IngressClassName = null;
        Apply(foreign);
        Apply(annotated);
        Assert.Null(_routes.Find("foreign.test"));
        Assert.NotNull(_routes.Find("annotated.test"));

        _routes.OnClass(null, ClassOf("nginx", "k8s.io/ingress-nginx"));
        _routes.OnClass(null, ClassOf("traefik", Options.ControllerName));

        Assert.NotNull(_routes.Find("foreign.test"));
        Assert.Null(_routes.Find("annotated.test"));
        _routes.OnClass(ClassOf("nginx", "k8s.io/ingress-nginx"), null);
        Assert.NotNull(_routes.Find("annotated.test"));
    }

    [Fact]
    public void StatusWrite_NeitherRebuildsRoutesNorRepeatsWarnings()
    {
        var reports = 0;
        _routes.Report = (_, _, _) => reports++;
        var ingress = Cluster.Ingress("ns-a", "web", "web.test", "web", new() { ["nginx.ingress.kubernetes.io/limit-rps"] = "5" });
        var withStatus = Cluster.Ingress("ns-a", "web", "web.test", "web", new() { ["nginx.ingress.kubernetes.io/limit-rps"] = "5" });
        withStatus.Status = new IngressStatus { LoadBalancer = new IngressLoadBalancerStatus { Ingress = [new IngressLoadBalancerIngress { Ip = "192.0.2.1" }] } };
        Apply(ingress);
        var before = _routes.Find("web.test");

        _routes.OnIngress(ingress, withStatus);

        Assert.Same(before, _routes.Find("web.test"));
        Assert.Equal(1, reports);
    }

    [Fact]
    public void Endpoints_OfATenant_LeadOnlyToWhereInstancesCanBe()
    {
        foreach (var (ns, address, lack) in new[]
        {
            ("ns-a", "10.208.1.2", BackendLack.None),
            ("ns-a", "127.0.0.1", BackendLack.Foreign),
            ("ns-a", "169.254.169.254", BackendLack.Foreign),
            ("ns-a", "192.0.2.1", BackendLack.Foreign),
            ("kube-system", "192.0.2.1", BackendLack.None),
            ("kube-system", "127.0.0.1", BackendLack.Foreign),
        })
        {
            _backends.OnService(null, Cluster.Service(ns, "web", 80));
            _backends.OnSlice(null, Slice(ns, "web", address, 8080));
            var backend = _backends.Acquire(new BackendKey(ns, "web", 80, null));

            Assert.Equal(lack, backend.State.Lack);
            _backends.Release(backend);
        }
    }

    [Fact]
    public void ExternalName_IsNeverFollowed()
    {
        var service = Cluster.Service("ns-a", "web", 80);
        service.Spec!.Type = "ExternalName";
        service.Spec.ExternalName = "kubernetes.default";
        _backends.OnService(null, service);

        Assert.Equal(BackendLack.Foreign, _backends.Acquire(new BackendKey("ns-a", "web", 80, null)).State.Lack);
    }

    [Fact]
    public void Instances_ReadyOnesServe_StoppingOnesOnlyWhereNoneIsReady()
    {
        _backends.OnService(null, Cluster.Service("ns-a", "web", 80));
        var backend = _backends.Acquire(new BackendKey("ns-a", "web", 0, "web"));
        var slice = Slice("ns-a", "web", "10.208.1.1", 8080);
        slice.Endpoints!.Add(new Sealos.Kinds.Discovery.Endpoint { Addresses = ["10.208.1.2"], Conditions = new EndpointConditions { Ready = false, Serving = true, Terminating = true } });
        slice.Endpoints.Add(new Sealos.Kinds.Discovery.Endpoint { Addresses = ["10.208.1.3"], Conditions = new EndpointConditions { Ready = false, Serving = false } });

        _backends.OnSlice(null, slice);
        Assert.Equal(["10.208.1.1:8080"], backend.State.Instances.Select(i => i.Authority));

        var only = Slice("ns-a", "web", "10.208.1.1", 8080);
        only.Endpoints = slice.Endpoints[1..];
        _backends.OnSlice(slice, only);
        Assert.Equal(["10.208.1.2:8080"], backend.State.Instances.Select(i => i.Authority));
    }

    private static string HostOf(int i) => $"app-{i}.cloud.test";

    private static IngressClass ClassOf(string name, string controller) => new() { Metadata = new ObjectMeta { Name = name }, Spec = new IngressClassSpec { Controller = controller } };

    private static EndpointSlice Slice(string ns, string service, string address, int port)
    {
        var slice = Cluster.Slice(ns, service, port);
        slice.Endpoints![0].Addresses = [address];
        return slice;
    }

    private void AddApp(int i)
    {
        var ns = $"ns-{i}";
        _backends.OnService(null, Cluster.Service(ns, "app", 80));
        _backends.OnSlice(null, Slice(ns, "app", $"10.208.{i / 250 % 250}.{i % 250}", 8080));
        Apply(Cluster.Ingress(ns, "app", HostOf(i), "app"));
    }

    private void Apply(Ingress ingress) => _routes.OnIngress(null, ingress);

    private string? ServiceAt(string host, string path) => _routes.Find(host)?.Find(path)?.Backend.Key.Service;
}
