using System.Text.Json.Nodes;
using Sealos.Objects.CustomKinds;
using Sealos.Objects.Schema;

namespace Sealos.Objects.Tests.CustomKinds;

public sealed class CustomObjectsTests
{
    private static readonly KindSchema Kind = new("ex.com/v1", "Test", "tests", "test", true, "custom/com.ex.v1.Test") { Verbs = ["get"] };

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}}}""", """{"a":"x","b":1}""", """{"a":"x"}""", "spec.b")]
    [InlineData("""{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"a":{"type":"object"}}}""", """{"a":{"x":1},"b":{"y":1}}""", """{"a":{},"b":{"y":1}}""", "spec.a.x")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"object","properties":{"k":{"type":"string"}}}}""", """{"m":{"k":"v","z":1}}""", """{"m":{"k":"v"}}""", "spec.m.z")]
    [InlineData("""{"type":"object","properties":{"l":{"type":"array","items":{"type":"object","properties":{"k":{"type":"string"}}}}}}""", """{"l":[{"k":"v","z":1}]}""", """{"l":[{"k":"v"}]}""", "spec.l[0].z")]
    [InlineData("""{"type":"object","x-kubernetes-embedded-resource":true,"properties":{"spec":{"type":"object"}}}""", """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","foo":1},"x":1}""", """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"}}""", "spec.metadata.foo,spec.x")]
    public void Complete_RemovesWhatTheSchemaDoesNotKnow(string schema, string spec, string kept, string unknown)
    {
        var obj = Object(spec);
        var completion = CustomObjects.Complete(obj, Schema(schema));
        Assert.Null(completion.Mismatch);
        Assert.Equal(unknown, string.Join(',', completion.Unknown.Order(StringComparer.Ordinal)));
        Assert.Equal(kept, obj["spec"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer","default":3}}}""", "{}", """{"a":3}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer","default":3}}}""", """{"a":null}""", """{"a":3}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer","nullable":true,"default":3}}}""", """{"a":null}""", """{"a":null}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}}}""", """{"a":null}""", "{}")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"object","default":{},"properties":{"b":{"type":"string","default":"x"}}}}}""", "{}", """{"a":{"b":"x"}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"string","default":"x"}}}}}""", "{}", "{}")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"object","properties":{"b":{"type":"string","default":"x"}}}}""", """{"k":{}}""", """{"k":{"b":"x"}}""")]
    [InlineData("""{"type":"object","properties":{"l":{"type":"array","items":{"type":"object","properties":{"b":{"type":"integer","default":1}}}}}}""", """{"l":[{},{"b":2}]}""", """{"l":[{"b":1},{"b":2}]}""")]
    public void Complete_FillsInDefaults(string schema, string spec, string filled)
    {
        var obj = Object(spec);
        CustomObjects.Complete(obj, Schema(schema));
        Assert.Equal(filled, obj["spec"]!.ToJsonString());
        Assert.False(CustomObjects.Default(obj, Schema(schema)));
    }

    [Fact]
    public void Defaults_ThatMultiply_AreRefused()
    {
        var schema = Schema($$"""{"type":"object","properties":{"l":{"type":"array","items":{"type":"object","properties":{"b":{"type":"string","default":"{{new string('x', 10_000)}}"} } } } } }""");
        var obj = Object($$"""{"l":[{{string.Join(',', Enumerable.Repeat("{}", 10_000))}}]}""");
        Assert.Throws<OverflowException>(() => CustomObjects.Complete(obj, schema));
    }

    [Theory]
    [InlineData("""{"type":"string"}""", "5", "spec.x: Invalid value: \"integer\": spec.x in body must be of type string: \"integer\"")]
    [InlineData("""{"type":"integer"}""", "1.5", "spec.x: Invalid value: \"number\": spec.x in body must be of type integer: \"number\"")]
    [InlineData("""{"type":"integer"}""", "2.0", "")]
    [InlineData("""{"type":"number"}""", "2", "")]
    [InlineData("""{"type":"integer","format":"int64"}""", "\"a\"", "spec.x: Invalid value: \"string\": spec.x in body must be of type integer: \"string\"")]
    [InlineData("""{"type":"array","items":{"type":"string"},"maxItems":1}""", """["a","b"]""", "spec.x: Too many: 2: must have at most 1 items")]
    [InlineData("""{"type":"array","items":{"type":"string"},"minItems":1}""", "[]", "spec.x: Invalid value: 0: spec.x in body should have at least 1 items")]
    [InlineData("""{"type":"array","items":{"type":"string"}}""", """["a",1]""", "spec.x[1]: Invalid value: \"integer\": spec.x[1] in body must be of type string: \"integer\"")]
    [InlineData("""{"type":"string","maxLength":2}""", "\"abc\"", "spec.x: Too long: may not be more than 2 bytes")]
    [InlineData("""{"type":"string","minLength":2}""", "\"a\"", "spec.x: Invalid value: \"a\": spec.x in body should be at least 2 chars long")]
    [InlineData("""{"type":"string","pattern":"^a+$"}""", "\"b\"", "spec.x: Invalid value: \"b\": spec.x in body should match '^a+$'")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"b\"", "spec.x: Invalid value: \"b\": spec.x in body must be of type date-time: \"b\"")]
    [InlineData("""{"type":"string","format":"nosuch"}""", "\"b\"", "")]
    [InlineData("""{"type":"integer","maximum":3,"exclusiveMaximum":true}""", "3", "spec.x: Invalid value: 3: spec.x in body should be less than 3")]
    [InlineData("""{"type":"integer","multipleOf":3}""", "4", "spec.x: Invalid value: 4: spec.x in body should be a multiple of 3")]
    [InlineData("""{"type":"number","multipleOf":0.1}""", "0.3", "")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"string"},"maxProperties":1}""", """{"a":"b","c":"d"}""", "spec.x: Too many: 2: must have at most 1 items")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"string"}}""", """{"a":1}""", "spec.x.a: Invalid value: \"integer\": spec.x.a in body must be of type string: \"integer\"")]
    [InlineData("""{"type":"string","enum":["a","b"]}""", "\"c\"", "spec.x: Unsupported value: \"c\": supported values: \"a\", \"b\"")]
    [InlineData("""{"type":"string","not":{"enum":["a"]}}""", "\"a\"", "<nil>: Invalid value: \"\": \"spec.x\" must not validate the schema (not)")]
    [InlineData("""{"type":"string","anyOf":[{"minLength":3},{"enum":["a"]}]}""", "\"b\"", "<nil>: Invalid value: \"\": \"spec.x\" must validate at least one schema (anyOf)")]
    [InlineData("""{"type":"string","oneOf":[{"minLength":1},{"enum":["b"]}]}""", "\"b\"", "<nil>: Invalid value: \"\": \"spec.x\" must validate one and only one schema (oneOf). Found 2 valid alternatives")]
    [InlineData("""{"x-kubernetes-int-or-string":true}""", "\"5%\"", "")]
    [InlineData("""{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}}""", """["a","b","a"]""", "spec.x[2]: Duplicate value: \"a\"")]
    [InlineData("""{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true}""", """{"kind":"Pod"}""", "spec.x.apiVersion: Required value")]
    public void Validate_SaysWhatKubernetesSays(string schema, string value, string error)
    {
        var obj = Object($$"""{"x":{{value}} }""");
        var root = Schema($$"""{"type":"object","properties":{"x":{{schema}} } }""");
        var errors = CustomObjects.ValidateCreate(obj, Kind, root, null).Select(e => e.ToString()).ToList();
        if (error.Length == 0)
        {
            Assert.Empty(errors);
        }
        else
        {
            Assert.Contains(error, errors);
        }
    }

    [Fact]
    public void Update_ForgivesWhatWasWrongBefore()
    {
        var schema = Schema("""{"type":"object","properties":{"a":{"type":"string","maxLength":1},"b":{"type":"string"}}}""");
        var old = Object("""{"a":"long","b":"x"}""");
        var changed = Object("""{"a":"long","b":"y"}""");
        Assert.Empty(CustomObjects.ValidateUpdate(changed, old, schema, null, isStatus: false));
        changed["spec"]!["a"] = "other";
        Assert.Single(CustomObjects.ValidateUpdate(changed, old, schema, null, isStatus: false));
    }

    [Fact]
    public void Update_OfManyKeyedItems_FindsEachByItsKey()
    {
        var schema = Schema("""{"type":"object","properties":{"l":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","properties":{"k":{"type":"string"},"v":{"type":"string","maxLength":3}}}}}}""");
        var old = Object($$"""{"l":[{{string.Join(',', Enumerable.Range(0, 30_000).Select(i => $$"""{"k":"{{i}}","v":"long"}"""))}}]}""");
        var changed = Object($$"""{"l":[{{string.Join(',', Enumerable.Range(0, 30_000).Select(i => $$"""{"k":"{{29_999 - i}}","v":"{{(i == 7 ? "other" : "long")}}"}"""))}}]}""");
        var error = Assert.Single(CustomObjects.ValidateUpdate(changed, old, schema, null, isStatus: false));
        Assert.Equal("spec.l[7].v", error.Field);
    }

    [Fact]
    public void Alternatives_ThatMultiply_EndInARefusal()
    {
        var alternatives = string.Join(',', Enumerable.Repeat("""{"minLength":100}""", 2_000));
        var schema = Schema($$"""{"type":"object","properties":{"l":{"type":"array","items":{"type":"string","anyOf":[{{alternatives}}]} } } }""");
        var obj = Object($$"""{"l":[{{string.Join(',', Enumerable.Repeat("\"a\"", 10_000))}}]}""");
        var error = Assert.Single(CustomObjects.ValidateCreate(obj, Kind, schema, null));
        Assert.Equal("the value takes too long to validate by its schema", error.Detail);
    }

    [Theory]
    [InlineData("^[[:alpha:]]+$", "abc", true)]
    [InlineData("^[[:alpha:]]+$", "ab1", false)]
    [InlineData(@"^\d+$", "٣", false)]
    [InlineData(@"^(?P<n>\w+)$", "a_1", true)]
    [InlineData("^a$", "a\n", false)]
    [InlineData(@"^[^\]]$", "]", false)]
    [InlineData(@"\Qa.b\E", "a.b", true)]
    [InlineData(@"\Qa.b\E", "axb", false)]
    [InlineData(@"^\pL+$", "é", true)]
    public void Patterns_AreThoseOfGo(string pattern, string text, bool matches) => Assert.Equal(matches, new GoRegex(pattern).IsMatch(text));

    [Fact]
    public void Patterns_RunInLinearTime() => Assert.False(new GoRegex("^(a+)+$").IsMatch(new string('a', 5_000) + "b"));

    private static JsonObject Object(string spec) => Definitions.Read($$"""{"apiVersion":"ex.com/v1","kind":"Test","metadata":{"name":"t","namespace":"n"},"spec":{{spec}} }""");

    private static SchemaNode Schema(string spec) => Definitions.Schema($$"""{"type":"object","properties":{"spec":{{spec}} } }""");
}
