using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Node;

/// <summary>ConfigMaps and Secrets, as programs find them in their environment.</summary>
public sealed class ConfigMapsAndSecretsTests(CloudFixture fixture) : PodStory(fixture)
{
    [Fact]
    [Upstream("[sig-node] ConfigMap should be consumable via environment variable [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] ConfigMap should be consumable via the environment [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Secrets should be consumable from pods in env vars [NodeConformance] [Conformance]")]
    [Upstream("[sig-node] Secrets should be consumable via the environment [NodeConformance] [Conformance]")]
    public async Task Environment_HoldsSingleKeys_AndWholeObjectsWithAPrefix()
    {
        (await Api.PostAsync($"{Core}/configmaps", """{"metadata":{"name":"map"},"data":{"data-1":"value-1","data_2":"value-2"}}""")).Expect(201);
        (await Api.PostAsync($"{Core}/secrets", """{"metadata":{"name":"secret"},"data":{"data-1":"dmFsdWUtMQ==","data_2":"dmFsdWUtMg=="}}""")).Expect(201);
        await StartAsync(
            new ShellPod("single", "env")
            {
                Container = ""","env":[{"name":"MAP","valueFrom":{"configMapKeyRef":{"name":"map","key":"data-1"}}},{"name":"SECRET","valueFrom":{"secretKeyRef":{"name":"secret","key":"data-1"}}}]""",
            },
            new ShellPod("whole", "")
            {
                // Not through the shell, which drops what it could not name itself.
                Command = """["env"]""",
                Container = ""","envFrom":[{"configMapRef":{"name":"map"}},{"prefix":"m_","configMapRef":{"name":"map"}},{"prefix":"s_","secretRef":{"name":"secret"}},{"secretRef":{"name":"none","optional":true}}]""",
            });

        var single = (await OutputAsync("single")).Split('\n');
        Assert.Contains("MAP=value-1", single);
        Assert.Contains("SECRET=value-1", single);
        var whole = (await OutputAsync("whole")).Split('\n');
        foreach (var line in new[] { "data-1=value-1", "data_2=value-2", "m_data-1=value-1", "m_data_2=value-2", "s_data-1=value-1", "s_data_2=value-2" })
        {
            Assert.Contains(line, whole);
        }
    }

    [Theory]
    [InlineData("configmaps")]
    [InlineData("secrets")]
    [Upstream("[sig-node] ConfigMap should fail to create ConfigMap with empty key [Conformance]")]
    [Upstream("[sig-node] Secrets should fail to create secret due to empty secret key [Conformance]")]
    public async Task EmptyKey_IsRefused(string plural)
    {
        var answer = await Api.PostAsync($"{Core}/{plural}", """{"metadata":{"name":"empty"},"data":{"":"dmFsdWU="}}""");
        Assert.Equal((422, "Invalid"), (answer.Code, answer.Reason));
        Assert.Contains("data[]", answer.Message!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("configmaps", "old", "new")]
    [InlineData("secrets", "b2xk", "bmV3")]
    [Upstream("[sig-node] ConfigMap should run through a ConfigMap lifecycle [Conformance]")]
    [Upstream("[sig-node] Secrets should patch a secret [Conformance]")]
    public async Task Object_IsCreatedPatchedFoundByLabel_AndDeletedWithOthers(string plural, string before, string after)
    {
        var created = await Api.PostAsync($"{Core}/{plural}", $$$"""{"metadata":{"name":"subject","labels":{"story":"{{{Namespace}}}"}},"data":{"key":"{{{before}}}"}}""");
        var version = created.Expect(201).At("metadata.resourceVersion");

        var patched = await Api.PatchAsync($"{Core}/{plural}/subject", $$$"""{"metadata":{"labels":{"patched":"true"}},"data":{"key":"{{{after}}}"}}""", "application/strategic-merge-patch+json");
        Assert.Equal((after, "true"), (patched.Expect(200).At("data.key"), patched.At("metadata.labels.patched")));
        Assert.Equal(after, (await Api.GetAsync($"{Core}/{plural}/subject")).At("data.key"));

        var everywhere = await Api.GetAsync($"/api/v1/{plural}?labelSelector=patched=true,story={Namespace}");
        Assert.Single(everywhere.Json["items"]!.AsArray());
        (await Api.DeleteAsync($"{Core}/{plural}?labelSelector=patched=true")).Expect(200);
        Assert.Equal("[]", (await Api.GetAsync($"{Core}/{plural}?labelSelector=story={Namespace}")).At("items"));
        Assert.Equal(
            ["MODIFIED subject", "DELETED subject"],
            await Api.CollectAsync($"{Core}/{plural}?watch=true&labelSelector=story={Namespace}&resourceVersion={version}", 2));
    }
}
