using Sealos.Conformance_Tests.Upstream;
using Sealos.Testing;
using Xunit;

namespace Sealos.Conformance_Tests.Node;

/// <summary>What happens is told in events, which are found by who told them.</summary>
public sealed class EventsTests(CloudFixture fixture) : PodStory(fixture)
{
    [Fact]
    [Upstream("[sig-instrumentation] Events API should ensure that an event can be fetched, patched, deleted, and listed [Conformance]")]
    public async Task Event_IsFoundByItsReporter_ChangedAndDeleted()
    {
        var events = $"/apis/events.k8s.io/v1/namespaces/{Namespace}/events";
        (await Api.PostAsync(events, $$$"""
            {"metadata":{"name":"told"},"regarding":{"kind":"Pod","namespace":"{{{Namespace}}}","name":"p"},"eventTime":"2026-01-02T03:04:05.000000Z","note":"first","type":"Normal",
             "reason":"Test","action":"Do","reportingController":"story-controller","reportingInstance":"one"}
            """)).Expect(201);
        foreach (var list in new[] { "/apis/events.k8s.io/v1/events", events })
        {
            var found = await Api.GetAsync($"{list}?fieldSelector=metadata.namespace={Namespace},reportingController=story-controller");
            Assert.Equal("told", found.Expect(200).At("items.0.metadata.name"));
        }

        // In the older view of events the reporter is their source.
        Assert.Equal("told", (await Api.GetAsync($"{Core}/events?fieldSelector=source=story-controller")).Expect(200).At("items.0.metadata.name"));
        Assert.Equal("[]", (await Api.GetAsync($"{Core}/events?fieldSelector=source=other")).Expect(200).At("items"));

        Assert.Equal("second", (await Api.PatchAsync($"{events}/told", """{"note":"second"}""", "application/strategic-merge-patch+json")).Expect(200).At("note"));
        var read = (await Api.GetAsync($"{events}/told")).Json;
        read["series"] = System.Text.Json.Nodes.JsonNode.Parse("""{"count":100,"lastObservedTime":"2026-01-02T03:05:05.000000Z"}""");
        (await Api.PutAsync($"{events}/told", read.ToJsonString())).Expect(200);
        Assert.Equal("100", (await Api.GetAsync($"{events}/told")).At("series.count"));
        (await Api.DeleteAsync($"{events}/told")).Expect(200);
        Assert.Equal("[]", (await Api.GetAsync($"{events}?fieldSelector=reportingController=story-controller")).At("items"));
    }
}
