namespace Sealos.ApiServer.Discovery;

/// <summary>The texts of <c>descriptions.txt</c>. Documents are written seldom, so the texts are read when one is, and not kept.</summary>
internal sealed class FieldDescriptions
{
    private const string Anything = "*";

    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);

    public FieldDescriptions()
    {
        using var stream = typeof(FieldDescriptions).Assembly.GetManifestResourceStream("descriptions.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.IndexOf('\t', StringComparison.Ordinal) is > 0 and var tab)
            {
                _texts[line[..tab]] = line[(tab + 1)..];
            }
        }
    }

    /// <summary>What a type's field is for, or null where nothing is written about it.</summary>
    public string? Find(string type, string field) => _texts.GetValueOrDefault($"{type}.{field}") ?? Of(field);

    /// <summary>What a type is for, or null.</summary>
    public string? FindType(string type) => _texts.GetValueOrDefault(type);

    /// <summary>What the texts are about.</summary>
    public IEnumerable<string> Subjects => _texts.Keys;

    /// <summary>What a field that every object has is for.</summary>
    public string? Of(string field) => _texts.GetValueOrDefault($"{Anything}.{field}");
}
