using System.Text;
using System.Text.Json.Nodes;
using Sealos.ApiServer.Printing;
using Sealos.Objects.Schema;
using Sealos.Objects.Serialization;
using Xunit;

namespace Sealos.ApiServer.Tests.Printing;

public sealed class TablePrinterTests
{
    private static readonly KindSchema Pods = KubeSchema.Default.FindKind("v1", "Pod")!;

    [Fact]
    public void Table_List_HasHeadColumnsAndMetadataRows()
    {
        var table = Table(new TableHead { ResourceVersion = "7", Continue = "next", Remaining = 12 }, Pod("Running"), Pod("Succeeded"));

        Assert.Equal("Table", table.Text("kind"));
        Assert.Equal("meta.k8s.io/v1", table.Text("apiVersion"));
        Assert.Equal("""{"resourceVersion":"7","continue":"next","remainingItemCount":12}""", table["metadata"]!.ToJsonString());
        Assert.Equal("""{"name":"Name","type":"string","format":"name","description":"The name of the object.","priority":0}""", table["columnDefinitions"]![0]!.ToJsonString());
        Assert.Equal(9, table.Array("columnDefinitions")!.Count);
        Assert.Equal(9, table["rows"]![0]!["cells"]!.AsArray().Count);
        Assert.Equal("""{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"p","creationTimestamp":"2026-11-22T12:00:00Z"}}""", table["rows"]![0]!["object"]!.ToJsonString());
        Assert.Null(table["rows"]![0]!["conditions"]);
        Assert.Equal("Succeeded", table["rows"]![1]!["conditions"]![0]!["reason"].AsText());
    }

    [Fact]
    public void Table_Empty_HasAnEmptyListOfRows() => Assert.Equal("[]", Table(new TableHead())["rows"]!.ToJsonString());

    [Fact]
    public void Table_LaterWatchEvents_HaveNoColumns()
    {
        var table = Table(new TableHead("v1beta1") { WithColumns = false }, Pod("Running"));

        Assert.True(table.ContainsKey("columnDefinitions"));
        Assert.Null(table["columnDefinitions"]);
        Assert.Equal("meta.k8s.io/v1beta1", table.Text("apiVersion"));
    }

    [Fact]
    public void Table_WholeObjects_AreIncludedWhenAskedFor()
    {
        Assert.Equal("Running", Table(new TableHead { Include = IncludeObject.Object }, Pod("Running"))["rows"]![0]!["object"]!["status"]!["phase"].AsText());
        Assert.Null(Table(new TableHead { Include = IncludeObject.None }, Pod("Running"))["rows"]![0]!["object"]);
    }

    [Fact]
    public void Table_GivenBytes_AreCopied()
    {
        var table = TablePrinter.Table(Pods, new TableHead(), [new TableRow(Pod("Running"), """{"any":"bytes"}"""u8.ToArray())], PrintSample.Now);

        Assert.Contains("\"object\":{\"any\":\"bytes\"}", Encoding.UTF8.GetString(table.Span), StringComparison.Ordinal);
    }

    private static JsonObject Pod(string phase) => PrintSample.Yaml($"{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, status: {{phase: {phase}}}}}");

    private static JsonObject Table(TableHead head, params JsonObject[] objects) =>
        JsonText.Parse(TablePrinter.Table(Pods, head, objects.Select(o => new TableRow(o)), PrintSample.Now), []);
}
