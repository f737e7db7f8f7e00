using System.Globalization;
using Sealos.ApiServer.Printing;
using Sealos.ApiServer.Watch;

namespace Sealos.ApiServer.Http;

/// <summary>Tables, as kubectl get asks for them.</summary>
internal static class TableForm
{
    /// <summary>A page as a table.</summary>
    public static ReadOnlyMemory<byte> Of(ApiRequest request, ListPage page)
    {
        var head = Head(request) with { ResourceVersion = Text(page.Revision), Continue = page.Continue, Remaining = page.Remaining };
        return TablePrinter.Table(request.Resource.Schema, head, Rows(request, page, head.Include), request.Now);
    }

    /// <summary>One object as a table; a watch sends the columns only once.</summary>
    public static ReadOnlyMemory<byte> Of(ApiRequest request, CachedObject obj, bool withColumns = true)
    {
        var head = Head(request) with { ResourceVersion = Text(obj.Revision), WithColumns = withColumns };
        return TablePrinter.Table(request.Resource.Schema, head, [Row(obj, head)], request.Now);
    }

    private static TableHead Head(ApiRequest request) => new(request.Output.Version!)
    {
        Printer = request.Resource.Printer,
        Include = request.Parameter("includeObject") switch
        {
            "" or "Metadata" => IncludeObject.Metadata,
            "None" => IncludeObject.None,
            "Object" => IncludeObject.Object,
            var other => throw ApiException.BadRequest($"unrecognized includeObject value: \"{other}\""),
        },
    };

    private static IEnumerable<TableRow> Rows(ApiRequest request, ListPage page, IncludeObject include)
    {
        var head = new TableHead(request.Output.Version!) { Include = include };
        for (var i = 0; i < page.Count; i++)
        {
            yield return Row(request.Resource.Conversion?.ToView(page[i]) ?? page[i], head);
        }
    }

    /// <summary>A row whose embedded object is cut from the cached bytes.</summary>
    private static TableRow Row(CachedObject obj, TableHead head) => new(obj.Parse(), head.Include switch
    {
        IncludeObject.Metadata => PartialForm.Of(obj, head.Version).AsMemory(),
        IncludeObject.Object => obj.Utf8,
        _ => (ReadOnlyMemory<byte>?)null,
    });

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
