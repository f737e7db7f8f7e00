using System.Text.Json;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Watch;

/// <summary>One pass over an object's bytes that keeps its uid, labels and selectable fields.</summary>
internal struct ObjectScan(SelectableFields fields)
{
    public string? Uid { get; private set; }

    public Dictionary<string, string>? Labels { get; private set; }

    public string[] Values { get; } = fields.NewValues();

    public void Read(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = JsonText.ReadDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                ReadMetadata(ref reader);
            }
            else
            {
                ReadField(ref reader);
            }
        }

        fields.Complete(Values);
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("uid"u8))
            {
                reader.Read();
                Uid = reader.GetString();
            }
            else if (reader.ValueTextEquals("labels"u8))
            {
                ReadLabels(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadLabels(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Names.Intern(ref reader);
            reader.Read();
            (Labels ??= new Dictionary<string, string>(StringComparer.Ordinal))[name] = Names.Intern(ref reader);
        }
    }

    private readonly void ReadField(ref Utf8JsonReader reader)
    {
        var wanted = fields.Match(ref reader);
        if (wanted is null)
        {
            reader.Skip();
            return;
        }

        reader.Read();
        ReadWanted(ref reader, wanted);
    }

    private readonly void ReadWanted(ref Utf8JsonReader reader, SelectableFields.Node wanted)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            wanted.Store(ref reader, Values);
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (wanted.Match(ref reader) is { } inner)
            {
                reader.Read();
                ReadWanted(ref reader, inner);
            }
            else
            {
                reader.Skip();
            }
        }
    }
}
