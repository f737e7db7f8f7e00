using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Sealos.Objects.Meta;
using Sealos.Objects.Schema;
using Sealos.Objects.Selectors;
using Sealos.Objects.Serialization;

namespace Sealos.Objects.Tests.Properties;

public sealed class TextLaws
{
    private static Gen<string> Scraps(params string[] scraps) => Gen.Elements(scraps).ListOf().Select(string.Concat);

    [Fact]
    public void LabelSelector_OfAnyText_IsReadOrRefused() => Random.Check(Prop.ForAll(Scraps("a", "b.c/d", "=", "!=", "==", "!", ",", " in ", " notin ", "(", ")", ">", "<", "1", " ", "é").ToArbitrary(), text =>
    {
        LabelSelector selector;
        try
        {
            selector = LabelSelector.Parse(text);
        }
        catch (SelectorException)
        {
            return true;
        }

        var labels = new Dictionary<string, string> { ["a"] = "b", ["b.c/d"] = "1" };
        var again = LabelSelector.Parse(selector.ToString());
        return again.ToString() == selector.ToString() && again.Matches(labels) == selector.Matches(labels);
    }), 1000);

    [Fact]
    public void FieldSelector_OfAnyText_IsReadOrRefused() => Random.Check(Prop.ForAll(Scraps("a", "metadata.name", "=", "!=", "==", ",", "\\", "\\,", "\\=", " ").ToArbitrary(), text =>
    {
        try
        {
            FieldSelector.Parse(text).Matches(_ => "a");
        }
        catch (SelectorException)
        {
            // Refused.
        }
    }), 1000);

    [Fact]
    public void Quantity_OfAnyText_KeepsItsValue() => Random.Check(Prop.ForAll(Scraps("1", "0", "9", ".", "-", "+", "m", "k", "Ki", "Mi", "Gi", "E", "e3", "n", "u", "G", " ").ToArbitrary(), text =>
    {
        if (!Quantity.TryParse(text, out var quantity))
        {
            return true;
        }

        var canonical = quantity.ToCanonicalString();
        var again = Quantity.Parse(canonical);
        return again.Equals(quantity) && again.ToCanonicalString() == canonical;
    }), 1000);

    [Fact]
    public void Json_WrittenAndRead_IsTheSame() => Random.Check(Prop.ForAll(Random.Json.ToArbitrary(), node =>
        JsonNode.DeepEquals(JsonText.ParseNode(JsonText.Write(node)), node)));

    [Fact]
    public void Yaml_WrittenAndRead_IsTheSame() => Random.Check(Prop.ForAll(Random.Object.Where(o => o.Count > 0 && !o.ToJsonString().Contains("\\u0000", StringComparison.Ordinal)).ToArbitrary(), node =>
        JsonNode.DeepEquals(YamlText.Parse(YamlText.Write(node)), node)));

    [Fact]
    public void Yaml_OfAnyText_IsReadOrRefused() => Random.Check(Prop.ForAll(Scraps("a", ": ", "\n", "- ", "  ", "{", "}", "[", "]", "&x ", "*x", "<<: ", "!!int ", "\"", "'", "|", "#", "---\n", "\t").ToArbitrary(), text =>
    {
        try
        {
            YamlText.Parse(Encoding.UTF8.GetBytes(text), []);
        }
        catch (DecodeException)
        {
            // Refused.
        }
    }), 1000);

    [Fact]
    public void Protobuf_OfAnyBytes_IsReadOrRefused() => Random.Check(Prop.ForAll(Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf().ToArbitrary(), tail =>
    {
        byte[] body = [.. "k8s\0"u8, 0x0a, 0x0f, 0x0a, 0x02, .. "v1"u8, 0x12, 0x09, .. "ConfigMap"u8, 0x12, (byte)(tail.Length & 0x7f), .. tail];
        foreach (var bytes in new[] { tail, body })
        {
            try
            {
                ProtobufDecoder.Decode(bytes, KubeSchema.Default);
            }
            catch (DecodeException)
            {
                // Refused.
            }
        }
    }), 1000);
}
