using System.Text.Json.Nodes;

namespace Sealos.Objects.CustomKinds;

/// <summary>Fills in a schema's defaults, and takes away the nulls that stand where there may be none.</summary>
internal sealed class CustomDefaulter
{
    // A default in each of many small items could grow an object a thousandfold.
    private const long MaxAdded = 8 * 1024 * 1024;

    private long _added;
    private bool _changed;

    /// <summary>What became of an object.</summary>
    /// <param name="Changed">Whether anything was filled in or taken away.</param>
    /// <param name="IsComplete">False when the defaults were too large to fill in all of them.</param>
    internal readonly record struct Outcome(bool Changed, bool IsComplete);

    /// <summary>Changes the object in place.</summary>
    public static Outcome Default(JsonObject obj, SchemaNode schema)
    {
        var defaulter = new CustomDefaulter();
        defaulter.DropNulls(obj, schema);
        if (schema.HasDefaults)
        {
            defaulter.Fill(obj, schema);
        }

        return new Outcome(defaulter._changed, defaulter._added <= MaxAdded);
    }

    private void DropNulls(JsonNode? node, SchemaNode? schema)
    {
        switch (node)
        {
            case JsonObject obj:
                for (var i = 0; i < obj.Count;)
                {
                    var (name, value) = obj.GetAt(i);
                    var below = schema?.Field(name);
                    if (value is null && below is { IsNullable: false, Default: null })
                    {
                        obj.RemoveAt(i);
                        _changed = true;
                        continue;
                    }

                    if (below is not null)
                    {
                        DropNulls(value, below);
                    }

                    i++;
                }

                break;
            case JsonArray array when schema?.Items is { } items:
                foreach (var item in array)
                {
                    DropNulls(item, items);
                }

                break;
        }
    }

    private void Fill(JsonNode? node, SchemaNode schema)
    {
        if (!schema.HasDefaults)
        {
            return;
        }

        switch (node)
        {
            case JsonObject obj:
                FillObject(obj, schema);
                break;
            case JsonArray array when schema.Items is { HasDefaults: true } items:
                for (var i = 0; i < array.Count; i++)
                {
                    if (array[i] is null && !items.IsNullable && Take(items) is { } value)
                    {
                        array[i] = value;
                    }

                    Fill(array[i], items);
                }

                break;
        }
    }

    private void FillObject(JsonObject obj, SchemaNode schema)
    {
        foreach (var (name, property) in schema.Properties)
        {
            if (property.Default is not null && (!obj.TryGetPropertyValue(name, out var present) || (present is null && !property.IsNullable)) && Take(property) is { } value)
            {
                obj[name] = value;
            }
        }

        for (var i = 0; i < obj.Count; i++)
        {
            var (name, value) = obj.GetAt(i);
            if (schema.Field(name) is not { HasDefaults: true } below)
            {
                continue;
            }

            if (value is null && !below.IsNullable && Take(below) is { } filled)
            {
                obj.SetAt(i, filled);
                value = filled;
            }

            Fill(value, below);
        }
    }

    private JsonNode? Take(SchemaNode schema)
    {
        _added += schema.DefaultWeight;
        if (schema.Default is null || _added > MaxAdded)
        {
            return null;
        }

        _changed = true;
        return schema.Default.DeepClone();
    }
}
