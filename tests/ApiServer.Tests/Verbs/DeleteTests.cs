using Sealos.ApiServer.Tests.Support;
using Xunit;

namespace Sealos.ApiServer.Tests.Verbs;

public sealed class DeleteTests(ApiServerFixture server)
{
    private readonly ApiClient _admin = server.Admin;

    [Fact]
    public async Task Plain_AnswersWithAStatusAndTheUid()
    {
        var ns = await _admin.NewNamespaceAsync();
        var created = await _admin.PostAsync(Path(ns), """{"metadata":{"name":"a"}}""");
        var answer = await _admin.DeleteAsync(Path(ns) + "/a");
        Assert.Equal($$$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","details":{"name":"a","kind":"configmaps","uid":"{{{created.At("metadata.uid")}}}"}}""", answer.Text);
        Assert.Equal("""configmaps "a" not found""", (await _admin.DeleteAsync(Path(ns) + "/a")).Message);
    }

    [Fact]
    public async Task Finalizer_HoldsTheObjectUntilItIsRemoved()
    {
        var ns = await _admin.NewNamespaceAsync();
        await _admin.PostAsync(Path(ns), """{"metadata":{"name":"p","finalizers":["ex.com/f"]}}""");
        var marked = (await _admin.DeleteAsync(Path(ns) + "/p")).Expect(200);
        Assert.NotNull(marked.At("metadata.deletionTimestamp"));
        Assert.Equal("0", marked.At("metadata.deletionGracePeriodSeconds"));
        var again = (await _admin.DeleteAsync(Path(ns) + "/p")).Expect(200);
        Assert.Equal(marked.At("metadata.resourceVersion"), again.At("metadata.resourceVersion"));

        var added = await _admin.PatchAsync(Path(ns) + "/p", """{"metadata":{"finalizers":["ex.com/f","ex.com/g"]}}""");
        Assert.Equal(422, added.Code);
        Assert.Contains("no new finalizers can be added if the object is being deleted", added.Message, StringComparison.Ordinal);
        Assert.Equal("z", (await _admin.PatchAsync(Path(ns) + "/p", """{"data":{"k":"z"}}""")).Expect(200).At("data.k"));

        var last = (await _admin.PatchAsync(Path(ns) + "/p", """{"metadata":{"finalizers":null}}""")).Expect(200);
        Assert.Equal("p", last.At("metadata.name"));
        Assert.Equal(404, (await _admin.GetAsync(Path(ns) + "/p")).Code);
    }

    [Theory]
    [InlineData("Foreground", "foregroundDeletion")]
    [InlineData("Orphan", "orphan")]
    public async Task Propagation_LeavesAFinalizerForTheGarbageCollector(string policy, string finalizer)
    {
        var ns = await _admin.NewNamespaceAsync();
        await _admin.PostAsync($"/apis/apps/v1/namespaces/{ns}/deployments", Samples.Deployment("d"));
        var answer = (await _admin.DeleteAsync($"/apis/apps/v1/namespaces/{ns}/deployments/d", $$"""{"propagationPolicy":"{{policy}}"}""")).Expect(200);
        Assert.Equal($"[\"{finalizer}\"]", answer.Json["metadata"]!["finalizers"]!.ToJsonString());
        Assert.Equal("2", answer.At("metadata.generation"));
    }

    [Fact]
    public async Task Background_IsImmediate()
    {
        var ns = await _admin.NewNamespaceAsync();
        await _admin.PostAsync($"/apis/apps/v1/namespaces/{ns}/deployments", Samples.Deployment("d"));
        Assert.Equal("Success", (await _admin.DeleteAsync($"/apis/apps/v1/namespaces/{ns}/deployments/d", """{"kind":"DeleteOptions","apiVersion":"apps/v1","propagationPolicy":"Background"}""")).Expect(200).At("status"));
    }

    [Fact]
    public async Task WrongUid_Conflicts()
    {
        var ns = await _admin.NewNamespaceAsync();
        var created = await _admin.PostAsync(Path(ns), """{"metadata":{"name":"a"}}""");
        var answer = await _admin.DeleteAsync(Path(ns) + "/a", """{"preconditions":{"uid":"nope"}}""");
        Assert.Equal($$$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Operation cannot be fulfilled on ConfigMap \"a\": the UID in the precondition (nope) does not match the UID in record ({{{created.At("metadata.uid")}}}). The object might have been deleted and then recreated","reason":"Conflict","details":{"name":"a","kind":"ConfigMap"},"code":409}""", answer.Text);
    }

    [Fact]
    public async Task Collection_AnswersWithWhatWasDeleted()
    {
        var ns = await _admin.NewNamespaceAsync();
        foreach (var name in new[] { "a", "b", "c" })
        {
            await _admin.PostAsync(Path(ns), $$$$"""{"metadata":{"name":"{{{{name}}}}","labels":{"x":"{{{{(name == "c" ? "no" : "yes")}}}}"}}}""");
        }

        var answer = (await _admin.DeleteAsync(Path(ns) + "?labelSelector=x%3Dyes")).Expect(200);
        Assert.Equal("ConfigMapList", answer.At("kind"));
        Assert.Equal(2, answer.Json["items"]!.AsArray().Count);
        Assert.Equal(200, (await _admin.GetAsync(Path(ns) + "/c")).Code);
    }

    [Fact]
    public async Task PodOnNode_IsGivenTime()
    {
        var ns = await _admin.NewNamespaceAsync();
        var pods = $"/api/v1/namespaces/{ns}/pods";
        (await _admin.PostAsync(pods, Samples.Pod("p", "\"nodeName\":\"n1\","))).Expect(201);
        var first = (await _admin.DeleteAsync(pods + "/p")).Expect(200);
        Assert.Equal("30", first.At("metadata.deletionGracePeriodSeconds"));
        var longer = (await _admin.DeleteAsync(pods + "/p", """{"gracePeriodSeconds":60}""")).Expect(200);
        Assert.Equal("30", longer.At("metadata.deletionGracePeriodSeconds"));
        var shorter = (await _admin.DeleteAsync(pods + "/p", """{"gracePeriodSeconds":5}""")).Expect(200);
        Assert.Equal("5", shorter.At("metadata.deletionGracePeriodSeconds"));
        Assert.True(string.CompareOrdinal(shorter.At("metadata.deletionTimestamp"), first.At("metadata.deletionTimestamp")) < 0);
        Assert.Equal("Pod", (await _admin.DeleteAsync(pods + "/p", """{"gracePeriodSeconds":0}""")).Expect(200).At("kind"));
        Assert.Equal(404, (await _admin.GetAsync(pods + "/p")).Code);
    }

    [Fact]
    public async Task PodOnNoNode_GoesAtOnce()
    {
        var ns = await _admin.NewNamespaceAsync();
        await _admin.PostAsync($"/api/v1/namespaces/{ns}/pods", Samples.Pod("p"));
        (await _admin.DeleteAsync($"/api/v1/namespaces/{ns}/pods/p")).Expect(200);
        Assert.Equal(404, (await _admin.GetAsync($"/api/v1/namespaces/{ns}/pods/p")).Code);
    }

    [Fact]
    public async Task Namespace_TerminatesAndIsFinalizedThroughItsOwnPath()
    {
        var ns = await _admin.NewNamespaceAsync();
        var deleted = (await _admin.DeleteAsync($"/api/v1/namespaces/{ns}")).Expect(200);
        Assert.Equal("Terminating", deleted.At("status.phase"));
        var late = await _admin.PostAsync(Path(ns), """{"metadata":{"name":"late"}}""");
        Assert.Equal($$$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"configmaps \"late\" is forbidden: unable to create new content in namespace {{{ns}}} because it is being terminated","reason":"Forbidden","details":{"name":"late","kind":"configmaps","causes":[{"reason":"NamespaceTerminating","message":"namespace {{{ns}}} is being terminated","field":"metadata.namespace"}]},"code":403}""", late.Text);

        var body = deleted.Json;
        body["spec"] = new System.Text.Json.Nodes.JsonObject();
        (await _admin.PutAsync($"/api/v1/namespaces/{ns}/finalize", body.ToJsonString())).Expect(200);
        Assert.Equal(404, (await _admin.GetAsync($"/api/v1/namespaces/{ns}")).Code);
    }

    [Fact]
    public async Task DefaultNamespace_CannotBeDeleted() =>
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"namespaces \"default\" is forbidden: this namespace may not be deleted","reason":"Forbidden","details":{"name":"default","kind":"namespaces"},"code":403}""", (await _admin.DeleteAsync("/api/v1/namespaces/default")).Text);

    private static string Path(string ns) => $"/api/v1/namespaces/{ns}/configmaps";
}
