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

    [Fact]
    [Upstream("[sig-instrumentation] Events should manage the lifecycle of an event [Conformance]")]
    public async Task CoreEvent_IsListedEverywhere_ChangedAndDeleted()
    {
        (await Api.PostAsync($"{Core}/events", $$$"""
            {"metadata":{"name":"told","labels":{"story":"{{{Namespace}}}"}},"involvedObject":{"namespace":"{{{Namespace}}}"},"message":"first","reason":"Test","type":"Normal","count":1}
            """)).Expect(201);
        var everywhere = $"/api/v1/events?labelSelector=story={Namespace}";
        Assert.Equal("told", (await Api.GetAsync(everywhere)).Expect(200).At("items.0.metadata.name"));

        (await Api.PatchAsync($"{Core}/events/told", """{"message":"second"}""", "application/strategic-merge-patch+json")).Expect(200);
        var read = (await Api.GetAsync($"{Core}/events/told")).Expect(200).Json;
        Assert.Equal("second", (string?)read["message"]);

        // Without the version it replaces, as whoever only wants to add to a series writes it.
        read["metadata"]!.AsObject().Remove("resourceVersion");
        read["metadata"]!.AsObject().Remove("managedFields");
        read["series"] = System.Text.Json.Nodes.JsonNode.Parse("""{"count":100,"lastObservedTime":"2017-09-19T13:49:16.000000Z"}""");
        (await Api.PutAsync($"{Core}/events/told", read.ToJsonString())).Expect(200);
        var updated = (await Api.GetAsync($"{Core}/events/told")).Expect(200).Json;
        updated["metadata"]!.AsObject().Remove("resourceVersion");
        updated["metadata"]!.AsObject().Remove("managedFields");
        Assert.True(System.Text.Json.Nodes.JsonNode.DeepEquals(read, updated), updated.ToJsonString());

        (await Api.DeleteAsync($"{Core}/events/told")).Expect(200);
        Assert.Equal("[]", (await Api.GetAsync(everywhere)).Expect(200).At("items"));
    }

    [Fact]
    [Upstream("[sig-instrumentation] Events should delete a collection of events [Conformance]")]
    [Upstream("[sig-instrumentation] Events API should delete a collection of events [Conformance]")]
    public async Task Events_OfALabel_AreDeletedTogether()
    {
        foreach (var (events, extra) in new[]
        {
            ($"{Core}/events", $$$"""{"involvedObject":{"namespace":"{{{Namespace}}}"},"message":"text","count":1"""),
            ($"/apis/events.k8s.io/v1/namespaces/{Namespace}/events", $$$"""{"regarding":{"kind":"Pod","namespace":"{{{Namespace}}}","name":"p"},"eventTime":"2026-01-02T03:04:05.000000Z","note":"text","action":"Do","reportingController":"story-controller","reportingInstance":"one" """),
        })
        {
            foreach (var name in (string[])["one", "two", "three", "kept"])
            {
                (await Api.PostAsync(events, $$$"""{{{extra}}},"metadata":{"name":"{{{name}}}","labels":{"set":"{{{(name == "kept" ? "b" : "a")}}}"}},"reason":"Test","type":"Normal"}""")).Expect(201);
            }

            Assert.Equal(3, (await Api.GetAsync($"{events}?labelSelector=set=a")).Json["items"]!.AsArray().Count);
            (await Api.DeleteAsync($"{events}?labelSelector=set=a")).Expect(200);
            Assert.Equal("[]", (await Api.GetAsync($"{events}?labelSelector=set=a")).At("items"));
            Assert.Equal("kept", (await Api.GetAsync($"{events}?labelSelector=set=b")).At("items.0.metadata.name"));
            (await Api.DeleteAsync($"{events}/kept")).Expect(200);
        }
    }
}
