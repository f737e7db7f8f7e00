using System.Text.Json.Nodes;

namespace Sealos.Objects.Tests.CustomKinds;

public sealed class DefinitionRulesTests
{
    private const string Root = "spec.validation.openAPIV3Schema";
    private const string Open = """{"type":"object","x-kubernetes-preserve-unknown-fields":true}""";

    [Fact]
    public void Sound_Definition_HasNoErrors() => Assert.Empty(Definitions.Errors(Definitions.With(Open)));

    [Theory]
    [InlineData("""{"type":"object","properties":{"spec":{"type":"object","properties":{"max":{}}}}}""", ".properties[spec].properties[max].type: Required value: must not be empty for specified object fields")]
    [InlineData("""{"properties":{}}""", ".type: Required value: must not be empty at the root")]
    [InlineData("""{"type":"string"}""", ".type: Invalid value: \"string\": must be object at the root")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array"}}}""", ".properties[a].items: Required value: must be specified")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array","items":{}}}}""", ".properties[a].items.type: Required value: must not be empty for specified array items")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"string"}}""", ".additionalProperties: Forbidden: must not be used at the root")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"object","anyOf":[{"type":"object"}]}}}""", ".properties[a].anyOf[0].type: Forbidden: must be empty to be structural")]
    [InlineData("""{"type":"object","anyOf":[{"properties":{"b":{"minLength":1}}}]}""", ".properties[b]: Required value: because it is defined in spec.validation.openAPIV3Schema.anyOf[0].properties[b]")]
    [InlineData("""{"type":"object","properties":{"metadata":{"type":"object","properties":{"labels":{"type":"object"}}}}}""", ".properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","pattern":"("}}}""", ".properties[a].pattern: Invalid value: \"(\": must be a valid regular expression, but isn't")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","pattern":"(?=a)"}}}""", ".properties[a].pattern: Invalid value: \"(?=a)\": must be a valid regular expression, but isn't")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","pattern":"((a{100}){100}){100}"}}}""", "invalid repeat count")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"object","x-kubernetes-embedded-resource":true}}}""", ".properties[a].properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"text"}}}""", ".properties[a].type: Unsupported value: \"text\": supported values: \"array\", \"boolean\", \"integer\", \"number\", \"object\", \"string\"")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array","uniqueItems":true,"items":{"type":"string"}}}}""", ".properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"string"}},"additionalProperties":{"type":"string"}}}}""", ".properties[a].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array","x-kubernetes-list-type":"map","items":{"type":"object"}}}}""", ".properties[a].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","properties":{"k":{"type":"string"}}}}}}""", ".properties[a].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"object"}}}}""", ".properties[a].items.x-kubernetes-map-type: Invalid value: \"null\": must be atomic as item of a list with x-kubernetes-list-type=set")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"x","type":"string"}}}""", ".properties[a].$ref: Forbidden: $ref is not supported")]
    [InlineData("""{"type":"object","x-kubernetes-validations":[{"rule":"true"}]}""", ".x-kubernetes-validations: Forbidden: validation rules written in CEL are not built yet")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer","default":"x"}}}""", ".properties[a].default: Invalid value: \"string\":  in body must be of type integer: \"string\"")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"object","default":{"b":1}}}}""", ".properties[a].default: Invalid value: map[string]interface {}{\"b\":1}: must not have unknown fields")]
    [InlineData("""{"type":"object","properties":{"kind":{"type":"string","default":"x"}}}""", ".properties[kind].default: Forbidden: must not be set in top-level kind")]
    [InlineData("""{"type":"object","nullable":true}""", ".nullable: Forbidden: nullable cannot be true at the root")]
    public void Schema_ThatIsNotSound_IsRefused(string schema, string error) =>
        Assert.Contains(Definitions.Errors(Definitions.With(schema)), e => (Root + error == e) || e.Contains(error, StringComparison.Ordinal));

    [Theory]
    [InlineData("group", "\"ex\"", "spec.group: Invalid value: \"ex\": should be a domain with at least one dot")]
    [InlineData("scope", "\"Global\"", "spec.scope: Unsupported value: \"Global\": supported values: \"Cluster\", \"Namespaced\"")]
    [InlineData("names", """{"plural":"Tests","kind":"Test"}""", "spec.names.plural: Invalid value: \"Tests\": a DNS-1035 label")]
    [InlineData("names", """{"plural":"tests","kind":"Test","listKind":"Test"}""", "spec.names.listKind: Invalid value: \"Test\": kind and listKind may not be the same")]
    [InlineData("versions", "[]", "spec.versions: Invalid value: []: must have exactly one version marked as storage version")]
    [InlineData("versions", """[{"name":"v1","served":true,"storage":true}]""", "spec.versions[0].schema.openAPIV3Schema: Required value")]
    [InlineData("conversion", """{"strategy":"Webhook"}""", "spec.conversion.strategy: Forbidden: conversion by a webhook is not built yet")]
    [InlineData("preserveUnknownFields", "true", "spec.preserveUnknownFields: Invalid value: true: cannot set to true")]
    public void Spec_ThatIsNotSound_IsRefused(string field, string value, string error)
    {
        var definition = Definitions.With(Open, d => d["spec"]![field] = JsonNode.Parse(value));
        Assert.Contains(Definitions.Errors(definition), e => e.StartsWith(error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"additionalPrinterColumns":[{"name":"a","type":"text","jsonPath":".a"}]}""", "spec.additionalPrinterColumns[0].type: Invalid value: \"text\": must be one of boolean,date,integer,number,string")]
    [InlineData("""{"additionalPrinterColumns":[{"name":"a","type":"string","jsonPath":"a"}]}""", "spec.additionalPrinterColumns[0].JSONPath: Invalid value: \"a\": must be a simple json path starting with .")]
    [InlineData("""{"subresources":{"scale":{"specReplicasPath":".a.b","statusReplicasPath":".status.n"}}}""", "spec.subresources.scale.specReplicasPath: Invalid value: \".a.b\": should be a json path under .spec")]
    [InlineData("""{"selectableFields":[{"jsonPath":".spec.no"}]}""", "spec.selectableFields[0].jsonPath: Invalid value: \".spec.no\": is an invalid path: does not refer to a valid field")]
    [InlineData("""{"deprecationWarning":"old"}""", "spec.versions[0].deprecationWarning: Invalid value: \"old\": can only be set for deprecated versions")]
    public void Version_ThatIsNotSound_IsRefused(string fields, string error)
    {
        var definition = Definitions.With(Open, d =>
        {
            foreach (var (name, value) in Definitions.Read(fields))
            {
                d["spec"]!["versions"]![0]![name] = value!.DeepClone();
            }
        });
        Assert.Contains(Definitions.Errors(definition), e => e.StartsWith(error, StringComparison.Ordinal));
    }

    [Fact]
    public void Schemas_ThatDiffer_AreNamedByTheirVersion()
    {
        var definition = Definitions.With(Open, d => ((JsonArray)d["spec"]!["versions"]!).Add(Definitions.Read("""{"name":"v2","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"array"}}}""")));
        Assert.Contains("spec.versions[1].schema.openAPIV3Schema.type: Invalid value: \"array\": must be object at the root", Definitions.Errors(definition));
    }

    [Fact]
    public void Name_MustBePluralAndGroup() =>
        Assert.Equal(["metadata.name: Invalid value: \"x.ex.com\": must be spec.names.plural+\".\"+spec.group"], Definitions.Errors(Definitions.With(Open, d => d["metadata"]!["name"] = "x.ex.com")));

    [Fact]
    public void GuardedGroup_NeedsItsAnnotation()
    {
        var definition = Definitions.With(Open, d => { d["spec"]!["group"] = "x.k8s.io"; d["metadata"]!["name"] = "tests.x.k8s.io"; });
        Assert.Equal(["metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation \"api-approved.kubernetes.io\", see https://github.com/kubernetes/enhancements/pull/1111"], Definitions.Errors(definition));
        definition["metadata"]!["annotations"] = new JsonObject { ["api-approved.kubernetes.io"] = "unapproved, a test" };
        Assert.Empty(Definitions.Errors(definition));
    }

    [Fact]
    public void Update_OfWhatStorageDependsOn_IsRefused()
    {
        var old = Definitions.With(Open, d => d["status"]!["conditions"] = JsonNode.Parse("""[{"type":"Established","status":"True"}]"""));
        var changed = (JsonObject)old.DeepClone();
        changed["spec"]!["scope"] = "Cluster";
        changed["spec"]!["names"]!["kind"] = "Other";
        changed["spec"]!["versions"]![0]!["name"] = "v2";
        var errors = Definitions.Errors(changed, old);
        Assert.Contains("spec.scope: Invalid value: \"Cluster\": field is immutable", errors);
        Assert.Contains("spec.names.kind: Invalid value: \"Other\": field is immutable", errors);
        Assert.Contains(errors, e => e.StartsWith("status.storedVersions[0]: Invalid value: \"v1\": missing from spec.versions", StringComparison.Ordinal));
    }
}
