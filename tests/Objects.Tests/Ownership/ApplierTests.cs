using System.Text.Json.Nodes;
using Sealos.Objects.Ownership;

namespace Sealos.Objects.Tests.Ownership;

public sealed class ApplierTests
{
    private static OwnershipSample Pod() => new("core/v1.PodSpec");

    [Fact]
    public void Apply_AnItemLess_RemovesItUnlessOthersOwnIt()
    {
        var pod = Pod().Apply("a", "{containers: [{name: x, image: i, env: [{name: A, value: '1'}]}, {name: z, image: i}]}");
        pod.Apply("b", "{containers: [{name: z, workingDir: /}]}").Apply("a", "{containers: [{name: x, image: i}]}");
        Assert.Equal("""{"containers":[{"name":"x","image":"i","resources":{}},{"name":"z","workingDir":"/","resources":{}}]}""", pod.Json);
    }

    [Fact]
    public void Apply_Nothing_GivesEverythingUp()
    {
        var pod = Pod().Apply("a", "{containers: [{name: x, image: i}], nodeSelector: {a: b}, hostname: h, imagePullSecrets: [{name: s}], securityContext: {runAsUser: 1}}").Apply("a", "{}");
        Assert.Equal("{}", pod.Json);
        Assert.Empty(pod.Entries);
    }

    [Fact]
    public void Apply_OfWhatAnUpdaterSet_SharesIt()
    {
        var pod = Pod().Update("u", o => o["hostname"] = "h").Apply("a", "{hostname: h}");
        Assert.Equal("a Apply {\"f:hostname\":{}}\nu Update {\"f:hostname\":{}}", pod.Owners);
        pod.Apply("a", "{}");
        Assert.Equal("""{"hostname":"h"}""", pod.Json);
    }

    [Fact]
    public void Update_OfAnAppliedField_TakesIt()
    {
        var pod = Pod().Apply("a", "{hostname: h, subdomain: s}").Update("u", o => o["hostname"] = "i");
        Assert.Equal("a Apply {\"f:subdomain\":{}}\nu Update {\"f:hostname\":{}}", pod.Owners);
        var conflict = Assert.Throws<ApplyConflictException>(() => pod.Apply("a", "{hostname: h, subdomain: s}"));
        Assert.Equal("Apply failed with 1 conflict: conflict with \"u\" using v1: .hostname", conflict.Message);
        pod.Apply("a", "{hostname: h, subdomain: s}", force: true);
        Assert.Equal("a Apply {\"f:hostname\":{},\"f:subdomain\":{}}", pod.Owners);
    }

    [Fact]
    public void Apply_AgainstSeveral_NamesEach()
    {
        var pod = Pod().Apply("a", "{hostname: h, containers: [{name: x, image: i}]}").Apply("b", "{subdomain: s}");
        var conflict = Assert.Throws<ApplyConflictException>(() => pod.Apply("c", "{hostname: z, subdomain: z, containers: [{name: x, image: z}]}"));
        Assert.Equal("Apply failed with 3 conflicts: conflicts with \"a\":\n- .containers[name=\"x\"].image\n- .hostname\nconflicts with \"b\":\n- .subdomain", conflict.Message);
    }

    [Fact]
    public void Apply_AtomicValues_AreOwnedWhole()
    {
        var pod = Pod().Apply("a", "{tolerations: [{key: a}], nodeSelector: {a: b}, affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: k, operator: Exists}]}]}}}}");
        Assert.Equal("""a Apply {"f:affinity":{"f:nodeAffinity":{"f:requiredDuringSchedulingIgnoredDuringExecution":{}}},"f:nodeSelector":{},"f:tolerations":{}}""", pod.Owners);
        Assert.Throws<ApplyConflictException>(() => pod.Apply("b", "{nodeSelector: {c: d}}"));
    }

    [Fact]
    public void Apply_NewItems_StandWhereTheApplierPutsThem()
    {
        var pod = Pod().Apply("a", "{containers: [{name: m, image: i}]}").Apply("b", "{containers: [{name: l, image: i}, {name: m, image: i}, {name: o, image: i}]}");
        Assert.Equal(["l", "m", "o"], pod.Live["containers"]!.AsArray().Select(c => c!["name"]!.GetValue<string>()));
        pod.Apply("b", "{containers: [{name: o, image: i}, {name: m, image: i}, {name: l, image: i}]}");
        Assert.Equal(["o", "m", "l"], pod.Live["containers"]!.AsArray().Select(c => c!["name"]!.GetValue<string>()));
        pod.Update("u", o => o["containers"]!.AsArray().Insert(1, new JsonObject { ["name"] = "u" })).Apply("b", "{containers: [{name: l, image: i}, {name: o, image: i}, {name: m, image: i}]}");
        Assert.Equal(["u", "l", "o", "m"], pod.Live["containers"]!.AsArray().Select(c => c!["name"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("{containers: [{name: a, image: i}, {name: a, image: j}]}", """.containers: duplicate entries for key [name="a"]""")]
    [InlineData("{containers: [{image: i}]}", """.containers: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn't have default values for any key fields)""")]
    [InlineData("{hostname: 3, shareProcessNamespace: x, priority: z}", "errors:\n  .hostname: expected string, got &value.valueUnstructured{Value:3}\n  .shareProcessNamespace: expected boolean, got &{x}\n  .priority: expected numeric (int or float), got string")]
    [InlineData("{containers: {a: b}}", ".containers: expected list, got &{map[a:b]}")]
    [InlineData("{securityContext: [1]}", ".securityContext: expected map, got &{[1]}")]
    public void Apply_Unfit_IsRefusedWithThePath(string wanted, string message) =>
        Assert.Equal(message, Assert.Throws<FieldTypeException>(() => Pod().Apply("a", wanted)).Message);

    [Fact]
    public void Apply_PortsWithoutProtocol_AreTheDefaultOnes()
    {
        var pod = Pod().Apply("a", "{containers: [{name: x, ports: [{containerPort: 80, protocol: TCP, name: web}]}]}").Apply("b", "{containers: [{name: x, ports: [{containerPort: 80, hostPort: 8080}, {containerPort: 80, protocol: UDP}]}]}");
        Assert.Equal(2, pod.Live["containers"]![0]!["ports"]!.AsArray().Count);
        Assert.Equal("web", pod.Live["containers"]![0]!["ports"]![0]!["name"]!.GetValue<string>());
    }

    [Fact]
    public void Apply_Null_ClearsTheValueAndOwnsIt()
    {
        var pod = Pod().Apply("a", "{hostname: h}").Apply("a", "{hostname: null}");
        Assert.Equal("{}", pod.Json);
        Assert.Equal("""a Apply {"f:hostname":{}}""", pod.Owners);
    }

    [Fact]
    public void Apply_ToWhatNobodyKeptAccountOf_FindsItOwnedBefore()
    {
        var pod = Pod();
        pod.Live["hostname"] = "h";
        var conflict = Assert.Throws<ApplyConflictException>(() => pod.Apply("a", "{hostname: i}"));
        Assert.Equal("Apply failed with 1 conflict: conflict with \"before-first-apply\" using v1: .hostname", conflict.Message);
    }

    [Fact]
    public void Apply_ACustomKindWithoutSchema_MergesMapsAndOwnsLists()
    {
        var live = JsonNode.Parse("""{"spec":{"a":1,"l":[1,2],"deep":{"x":1}}}""")!.AsObject();
        var context = new OwnershipContext("m", "ex.com/v1", "2026-01-01T00:00:00Z") { Type = FieldType.Any };
        var outcome = Applier.Apply(live, [], JsonNode.Parse("""{"spec":{"l":[3],"deep":{"y":2}}}""")!.AsObject(), force: true, context);
        Assert.Equal("""{"spec":{"a":1,"l":[3],"deep":{"x":1,"y":2}}}""", outcome.Object.ToJsonString());
        Assert.Equal("""{"f:spec":{".":{},"f:deep":{".":{},"f:y":{}},"f:l":{}}}""", FieldSetJson.ToText(outcome.Entries.Single(e => e.Owner.IsApply).Fields));
    }
}
