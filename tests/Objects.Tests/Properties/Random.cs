using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Sealos.Objects.Tests.Properties;

/// <summary>Random things for laws, small enough that names meet.</summary>
internal static class Random
{
    private static readonly string[] Names = ["a", "b", "c"];
    private static readonly string[] Nasty = ["", "~", "/", "~1", "$patch", "$retainKeys", "$setElementOrder/containers", "$deleteFromPrimitiveList/finalizers", "delete", "replace", "name", "spec", "containers", "-", "0", "-1", "é\ud83d\ude00", "\0"];

    public static Gen<string> Name { get; } = Gen.Elements(Names);

    public static Gen<string> Text { get; } = Gen.OneOf(Name, Gen.Elements(Nasty));

    /// <summary>Any JSON, a few levels deep.</summary>
    public static Gen<JsonNode?> Json { get; } = Gen.Sized(size => Tree(Math.Min(size / 10, 4)));

    /// <summary>A JSON object.</summary>
    public static Gen<JsonObject> Object { get; } = Json.Where(n => n is JsonObject).Select(n => (JsonObject)n!);

    /// <summary>A part of a pod's spec, with lists of every kind: by key, sets of values, owned whole.</summary>
    public static Gen<JsonObject> PodSpec { get; } =
        from containers in Container.ListOf()
        from hostname in Optional(Name)
        from selector in Optional(Name)
        from secrets in Name.ListOf()
        from user in Optional(Gen.Choose(1, 3))
        select Build(containers, hostname, selector, secrets, user);

    private static Gen<JsonObject> Container =>
        from name in Name
        from image in Optional(Name)
        from ports in Gen.Choose(80, 82).ListOf()
        from env in Gen.Zip(Name, Name).ListOf()
        select Build(name, image, ports, env);

    public static void Check(Property law, int times = 150) => FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(times).WithEndSize(20).WithQuietOnSuccess(true), law);

    private static Gen<string> Optional(Gen<string> some) => Gen.OneOf(Gen.Constant(""), some);

    private static Gen<int> Optional(Gen<int> some) => Gen.OneOf(Gen.Constant(0), some);

    private static Gen<JsonNode?> Tree(int depth)
    {
        var leaf = Gen.OneOf(
            Gen.Constant<JsonNode?>(null),
            Text.Select(t => (JsonNode?)JsonValue.Create(t)),
            Gen.Choose(-3, 3).Select(n => (JsonNode?)JsonValue.Create((long)n)),
            Gen.Elements(true, false).Select(b => (JsonNode?)JsonValue.Create(b)));
        if (depth <= 0)
        {
            return leaf;
        }

        var below = Tree(depth - 1);
        var list = below.ListOf().Select(items => (JsonNode?)new JsonArray([.. items.Take(4).Select(i => i?.DeepClone())]));
        var map = Gen.Zip(Text, below).ListOf().Select(fields => (JsonNode?)new JsonObject(fields.Take(4).DistinctBy(f => f.Item1).Select(f => KeyValuePair.Create(f.Item1, f.Item2?.DeepClone()))));
        return Gen.OneOf(leaf, list, map, map);
    }

    private static JsonObject Build(IList<JsonObject> containers, string hostname, string selector, IList<string> secrets, int user)
    {
        var spec = new JsonObject();
        Set(spec, "containers", containers.DistinctBy(c => c["name"]!.GetValue<string>()).Select(c => c.DeepClone()));
        Set(spec, "imagePullSecrets", secrets.Distinct().Select(s => new JsonObject { ["name"] = s }));
        if (hostname.Length > 0)
        {
            spec["hostname"] = hostname;
        }

        if (selector.Length > 0)
        {
            spec["nodeSelector"] = new JsonObject { ["k"] = selector };
        }

        if (user > 0)
        {
            spec["securityContext"] = new JsonObject { ["runAsUser"] = (long)user };
        }

        return spec;
    }

    private static JsonObject Build(string name, string image, IList<int> ports, IList<(string, string)> env)
    {
        var container = new JsonObject { ["name"] = name };
        if (image.Length > 0)
        {
            container["image"] = image;
        }

        Set(container, "ports", ports.Distinct().Select(p => new JsonObject { ["containerPort"] = (long)p }));
        Set(container, "env", env.DistinctBy(e => e.Item1).Select(e => new JsonObject { ["name"] = e.Item1, ["value"] = e.Item2 }));
        return container;
    }

    private static void Set(JsonObject obj, string name, IEnumerable<JsonNode> items)
    {
        var list = new JsonArray([.. items]);
        if (list.Count > 0)
        {
            obj[name] = list;
        }
    }
}
