namespace Sealos.ApiServer.Printing;

/// <summary>A column's definition as clients get it.</summary>
/// <param name="Name">The heading.</param>
/// <param name="Type">What its cells hold: string, integer, boolean, date.</param>
/// <param name="Format">A refinement of the type; <c>name</c> marks the object's name.</param>
/// <param name="Priority">0 always, 1 only in wide output.</param>
internal sealed record TableColumn(string Name, string Type, string Format, int Priority)
{
    private static readonly Dictionary<string, string> Descriptions = new(StringComparer.Ordinal)
    {
        ["Name"] = "The name of the object.",
        ["Age"] = "Time since the object was created.",
        ["Created At"] = "When the object was created.",
        ["Status"] = "The state it is in.",
        ["Ready"] = "How many are ready, of how many are wanted.",
        ["Restarts"] = "How often containers were started again, and when last.",
        ["Containers"] = "Names of the containers.",
        ["Images"] = "Images of the containers.",
        ["Selector"] = "Labels of the pods it selects.",
    };

    /// <summary>What the column shows.</summary>
    public string Description { get; init; } = Descriptions.GetValueOrDefault(Name, "");

    /// <summary>Reads columns as the printers write them: <c>Name:name|Desired:int|*IP</c>; a star marks wide ones.</summary>
    public static IReadOnlyList<TableColumn> Parse(string columns) => [.. columns.Split('|').Select(ParseOne)];

    private static TableColumn ParseOne(string text)
    {
        var isWide = text[0] == '*';
        var parts = (isWide ? text[1..] : text).Split(':');
        var (type, format) = (parts.Length == 1 ? "" : parts[1]) switch
        {
            "name" => ("string", "name"),
            "int" => ("integer", ""),
            "bool" => ("boolean", ""),
            "date" => ("date", ""),
            _ => ("string", ""),
        };
        return new TableColumn(parts[0], type, format, isWide ? 1 : 0);
    }
}
