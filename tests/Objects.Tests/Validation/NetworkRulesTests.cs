using System.Text.Json.Nodes;

namespace Sealos.Objects.Tests.Validation;

public sealed class NetworkRulesTests
{
    private const string Slice = "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: e, namespace: 'ns'}, addressType: IPv4, endpoints: [{addresses: [10.0.0.1]}], ports: [{name: http, port: 80}]}";
    private const string Endpoints = "{apiVersion: v1, kind: Endpoints, metadata: {name: e, namespace: 'ns'}, subsets: [{addresses: [{ip: 10.0.0.1}], ports: [{port: 80}]}]}";
    private const string Policy = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: 'ns'}, spec: {podSelector: {}}}";

    [Fact]
    public void Create_PlainObjects_AreAccepted()
    {
        foreach (var yaml in new[] { Sample.Service, Sample.Ingress, Slice, Endpoints, Policy })
        {
            Assert.Empty(Sample.CreateErrors(Sample.Ready(yaml)));
        }
    }

    [Theory]
    [InlineData("metadata.name", "1a", "metadata.name: Invalid value: \"1a\": a DNS-1035 label must consist of")]
    [InlineData("spec.ports", "[]", "spec.ports: Required value")]
    [InlineData("spec.ports", "[{port: 0}]", "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive", 2)]
    [InlineData("spec.ports", "[{port: 80, targetPort: 70000}]", "spec.ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive")]
    [InlineData("spec.ports", "[{port: 80, targetPort: 'A b'}]", "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")]
    [InlineData("spec.ports", "[{port: 80}, {port: 81, name: b}]", "spec.ports[0].name: Required value")]
    [InlineData("spec.ports", "[{port: 80, name: a}, {port: 81, name: a}]", "spec.ports[1].name: Duplicate value: \"a\"")]
    [InlineData("spec.ports", "[{port: 80, name: a}, {port: 80, name: b}]", "spec.ports[1]: Duplicate value: ")]
    [InlineData("spec.ports", "[{port: 80, nodePort: 30000}]", "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'")]
    [InlineData("spec.ports", "[{port: 80, protocol: ICMP}]", "spec.ports[0].protocol: Unsupported value: \"ICMP\": supported values: \"SCTP\", \"TCP\", \"UDP\"")]
    [InlineData("spec.type", "Magic", "spec.type: Unsupported value: \"Magic\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"")]
    [InlineData("spec.selector", "{a: 'b c'}", "spec.selector: Invalid value: \"b c\"")]
    [InlineData("spec.sessionAffinity", "Cookie", "spec.sessionAffinity: Unsupported value: \"Cookie\": supported values: \"ClientIP\", \"None\"")]
    [InlineData("spec.clusterIP", "10.0.0", "spec.clusterIPs[0]: Invalid value: \"10.0.0\": must be a valid IP address")]
    [InlineData("spec.clusterIPs", "[10.0.0.1, fd00::1]", "this cluster is not configured for dual-stack services")]
    [InlineData("spec.externalIPs", "[x]", "spec.externalIPs[0]: Invalid value: \"x\": must be a valid IP address")]
    [InlineData("spec.externalTrafficPolicy", "Local", "spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set for externally-accessible services")]
    [InlineData("spec.loadBalancerSourceRanges", "[10.0.0.0/8]", "spec.loadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'")]
    [InlineData("spec.healthCheckNodePort", "30000", "spec.healthCheckNodePort: Invalid value: 30000: may only be set when")]
    [InlineData("spec.ipFamilies", "[IPv6]", "spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this cluster")]
    [InlineData("spec.ipFamilyPolicy", "RequireDualStack", "this cluster is not configured for dual-stack services")]
    public void Create_BadService_IsNamed(string path, string value, string expected, int errors = 1) => AssertErrors(Sample.Service, path, value, expected, errors);

    [Theory]
    [InlineData("{type: NodePort, clusterIP: None, ports: [{port: 80}]}", "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services")]
    [InlineData("{type: ExternalName}", "spec.externalName: Required value")]
    [InlineData("{type: ExternalName, externalName: A_B}", "spec.externalName: Invalid value: \"A_B\"")]
    [InlineData("{type: ExternalName, externalName: a.b, clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1]}", "spec.clusterIPs: Forbidden: may not be set for ExternalName services")]
    [InlineData("{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 90000}}, ports: [{port: 80}]}", "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 90000: must be greater than 0 and less than 86400")]
    [InlineData("{type: LoadBalancer, ports: [{port: 10250}]}", "may not expose port 10250 externally since it is used by kubelet")]
    public void Create_BadServiceSpec_IsNamed(string spec, string expected) => AssertErrors(Sample.Service, "spec", spec, expected, 1);

    [Fact]
    public void Create_SpecialServices_AreAccepted()
    {
        foreach (var spec in new[] { "{clusterIP: None, selector: {a: b}}", "{type: ExternalName, externalName: a.b.}", "{type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8], externalTrafficPolicy: Local, ports: [{port: 80, nodePort: 30000}]}", "{ports: [{name: a, port: 53, protocol: UDP}, {name: b, port: 53, protocol: TCP}]}" })
        {
            Assert.Empty(Sample.CreateErrors(Sample.With(Sample.Service, ("spec", spec))));
        }
    }

    [Fact]
    public void Update_ClusterIp_MayNotChange()
    {
        var old = Sample.With(Sample.Service, ("spec.clusterIP", "10.96.0.1"));

        Assert.Equal(["spec.clusterIPs[0]: Invalid value: []string{\"10.96.9.9\"}: may not change once set"], Sample.UpdateErrors(Sample.With(Sample.Service, ("spec.clusterIP", "10.96.9.9")), old));
        Assert.Empty(Sample.UpdateErrors(Sample.Ready("{apiVersion: v1, kind: Service, metadata: {name: s, namespace: 'ns'}, spec: {type: ExternalName, externalName: a.b}}"), old));
    }

    [Theory]
    [InlineData("spec", "{}", "spec.rules: Invalid value: []networking.IngressRule(nil): either `defaultBackend` or `rules` must be specified")]
    [InlineData("spec.rules[0].host", "10.0.0.1", "spec.rules[0].host: Invalid value: \"10.0.0.1\": must be a DNS name, not an IP address")]
    [InlineData("spec.rules[0].host", "A.b", "spec.rules[0].host: Invalid value: \"A.b\": a lowercase RFC 1123 subdomain")]
    [InlineData("spec.rules[0].host", "a.*.b", "spec.rules[0].host: Invalid value: \"a.*.b\": a wildcard DNS-1123 subdomain must start with '*.'")]
    [InlineData("spec.rules[0].http", "{}", "spec.rules[0].http.paths: Required value")]
    [InlineData("spec.rules[0].http.paths[0].pathType", "''", "spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified")]
    [InlineData("spec.rules[0].http.paths[0].pathType", "Regex", "spec.rules[0].http.paths[0].pathType: Unsupported value: \"Regex\": supported values: \"Exact\", \"ImplementationSpecific\", \"Prefix\"")]
    [InlineData("spec.rules[0].http.paths[0].path", "api", "spec.rules[0].http.paths[0].path: Invalid value: \"api\": must be an absolute path")]
    [InlineData("spec.rules[0].http.paths[0].path", "/a//b", "spec.rules[0].http.paths[0].path: Invalid value: \"/a//b\": must not contain '//'")]
    [InlineData("spec.rules[0].http.paths[0].path", "/a/..", "spec.rules[0].http.paths[0].path: Invalid value: \"/a/..\": cannot end with '/..'")]
    [InlineData("spec.rules[0].http.paths[0].backend", "{}", "spec.rules[0].http.paths[0].backend: Invalid value: \"\": resource or service backend is required")]
    [InlineData("spec.rules[0].http.paths[0].backend", "{service: {name: s}}", "spec.rules[0].http.paths[0].backend: Required value: port name or number is required")]
    [InlineData("spec.rules[0].http.paths[0].backend", "{service: {name: s, port: {name: a, number: 80}}}", "cannot set both port name & port number")]
    [InlineData("spec.rules[0].http.paths[0].backend", "{service: {name: S, port: {number: 80}}}", "spec.rules[0].http.paths[0].backend.service.name: Invalid value: \"S\": a DNS-1035 label")]
    [InlineData("spec.rules[0].http.paths[0].backend", "{service: {name: s, port: {number: 99999}}}", "spec.rules[0].http.paths[0].backend.service.port.number: Invalid value: 99999: must be between 1 and 65535, inclusive")]
    [InlineData("spec.rules[0].http.paths[0].backend", "{service: {name: s, port: {number: 80}}, resource: {kind: A, name: b}}", "cannot set both resource and service backends")]
    [InlineData("spec.defaultBackend", "{service: {port: {number: 80}}}", "spec.defaultBackend.service.name: Required value")]
    [InlineData("spec.tls", "[{hosts: [a_b]}]", "spec.tls[0].hosts[0]: Invalid value: \"a_b\"")]
    [InlineData("spec.ingressClassName", "A", "spec.ingressClassName: Invalid value: \"A\"")]
    public void Create_BadIngress_IsNamed(string path, string value, string expected) => AssertErrors(Sample.Ingress, path, value, expected, 1);

    [Fact]
    public void Create_IngressWithClassTwice_IsRefusedOnlyWhenNew()
    {
        var obj = Sample.With(Sample.Ingress, ("spec.ingressClassName", "a"), ("metadata.annotations", "{kubernetes.io/ingress.class: b}"));

        Assert.Contains("can not be set when the class field is also set", Assert.Single(Sample.CreateErrors(obj)), StringComparison.Ordinal);
        Assert.Empty(Sample.UpdateErrors(obj, (JsonObject)obj.DeepClone()));
    }

    [Theory]
    [InlineData("addressType", "IPX", "addressType: Unsupported value: \"IPX\": supported values: \"FQDN\", \"IPv4\", \"IPv6\"")]
    [InlineData("endpoints", "[{addresses: []}]", "endpoints[0].addresses: Required value: must contain at least 1 address")]
    [InlineData("endpoints", "[{addresses: [fd00::1]}]", "endpoints[0].addresses[0]: Invalid value: \"fd00::1\": must be a valid IPv4 address")]
    [InlineData("endpoints", "[{addresses: [127.0.0.1]}]", "endpoints[0].addresses[0]: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, ::1/128)")]
    [InlineData("endpoints", "[{addresses: [10.0.0.1], hostname: A}]", "endpoints[0].hostname: Invalid value: \"A\"")]
    [InlineData("ports", "[{port: 0}]", "ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive")]
    [InlineData("ports", "[{name: a, port: 1}, {name: a, port: 2}]", "ports: Duplicate value: \"a\"")]
    public void Create_BadSlice_IsNamed(string path, string value, string expected) => AssertErrors(Slice, path, value, expected, 1);

    [Fact]
    public void Create_SliceWithTooManyEndpoints_IsRefused()
    {
        var obj = Sample.With(Slice, ("endpoints", $"[{string.Join(", ", Enumerable.Repeat("{addresses: [10.0.0.1]}", 1001))}]"));

        Assert.Equal(["endpoints: Too many: 1001: must have at most 1000 items"], Sample.CreateErrors(obj));
    }

    [Theory]
    [InlineData("[{ports: [{port: 80}]}]", "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`")]
    [InlineData("[{addresses: [{ip: 169.254.1.1}]}]", "subsets[0].addresses[0].ip: Invalid value: \"169.254.1.1\": may not be in the link-local range (169.254.0.0/16, fe80::/10)")]
    [InlineData("[{addresses: [{ip: 0.0.0.0}]}]", "may not be unspecified (0.0.0.0 or ::)")]
    [InlineData("[{addresses: [{ip: 224.0.0.5}]}]", "may not be in the link-local multicast range")]
    [InlineData("[{addresses: [{ip: 10.0.0.1}], ports: [{port: 80}, {port: 81, name: a}]}]", "subsets[0].ports[0].name: Required value")]
    public void Create_BadEndpoints_AreNamed(string value, string expected) => AssertErrors(Endpoints, "subsets", value, expected, 1);

    [Theory]
    [InlineData("spec.ingress", "[{from: [{}]}]", "spec.ingress[0].from[0]: Required value: must specify a peer")]
    [InlineData("spec.ingress", "[{from: [{ipBlock: {cidr: x}}]}]", "spec.ingress[0].from[0].ipBlock.cidr: Invalid value: \"x\": must be a valid CIDR value")]
    [InlineData("spec.ingress", "[{from: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]}]", "may not specify both ipBlock and another peer")]
    [InlineData("spec.egress", "[{ports: [{port: 80, endPort: 70}]}]", "spec.egress[0].ports[0].endPort: Invalid value: 70: must be greater than or equal to `port`")]
    [InlineData("spec.egress", "[{ports: [{endPort: 70}]}]", "spec.egress[0].ports[0].port: Required value: must be specified when `endPort` is specified")]
    [InlineData("spec.ingress", "[{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]}]", "spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: \"11.0.0.0/16\": must be a strict subset of `cidr`")]
    [InlineData("spec.ingress", "[{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.2.3/16, 10.0.0.0/8]}}]}]", "spec.ingress[0].from[0].ipBlock.except[1]: Invalid value: \"10.0.0.0/8\": must be a strict subset of `cidr`")]
    [InlineData("spec.policyTypes", "[Sideways]", "spec.policyTypes[0]: Unsupported value: \"Sideways\": supported values: \"Egress\", \"Ingress\"")]
    [InlineData("spec.podSelector", "{matchLabels: {a/b/c: d}}", "spec.podSelector.matchLabels: Invalid value: \"a/b/c\"")]
    public void Create_BadPolicy_IsNamed(string path, string value, string expected) => AssertErrors(Policy, path, value, expected, 1);

    private static void AssertErrors(string yaml, string path, string value, string expected, int count)
    {
        var errors = Sample.CreateErrors(Sample.With(yaml, (path, value)));

        Assert.Contains(errors, e => e.Contains(expected, StringComparison.Ordinal));
        Assert.Equal(count, errors.Count);
    }
}
