using Sealos.Objects.Schema;

namespace Sealos.ApiServer.Discovery;

/// <summary>Which version of OpenAPI a document is of.</summary>
internal enum OpenApiVersion
{
    Two = 2,
    Three = 3,
}

/// <summary>The names under which OpenAPI knows types, those of values with a form of their own included.</summary>
internal static class OpenApiNames
{
    public const string Time = "io.k8s.apimachinery.pkg.apis.meta.v1.Time";
    public const string MicroTime = "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime";
    public const string Quantity = "io.k8s.apimachinery.pkg.api.resource.Quantity";
    public const string IntOrString = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
    public const string Raw = "io.k8s.apimachinery.pkg.runtime.RawExtension";
    public const string Patch = "io.k8s.apimachinery.pkg.apis.meta.v1.Patch";
    public const string DeleteOptions = "meta/v1.DeleteOptions";
    public const string ObjectMeta = "meta/v1.ObjectMeta";
    public const string ListMeta = "meta/v1.ListMeta";
    public const string Status = "meta/v1.Status";

    /// <summary>The published name of a type of the schema.</summary>
    public static string Of(string type)
    {
        var slash = type.IndexOf('/', StringComparison.Ordinal);
        var rest = type[(slash + 1)..];
        return type[..slash] switch
        {
            "custom" => rest,
            "meta" => $"io.k8s.apimachinery.pkg.apis.meta.{rest}",
            "apiextensions" => $"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.{rest}",
            "metrics" => $"io.k8s.metrics.pkg.apis.metrics.{rest}",
            "apiregistration" => $"io.k8s.kube-aggregator.pkg.apis.apiregistration.{rest}",
            var group => $"io.k8s.api.{group}.{rest}",
        };
    }

    /// <summary>Whether a type is that of a custom kind, which is not in the schema.</summary>
    public static bool IsCustom(string type) => type.StartsWith("custom/", StringComparison.Ordinal);

    /// <summary>The reference to a published name.</summary>
    public static string Reference(string name, OpenApiVersion version) => (version == OpenApiVersion.Two ? "#/definitions/" : "#/components/schemas/") + name;

    /// <summary>The published name of a scalar that has one, or null.</summary>
    public static string? OfScalar(ValueKind kind) => kind switch
    {
        ValueKind.Time => Time,
        ValueKind.MicroTime => MicroTime,
        ValueKind.Quantity => Quantity,
        ValueKind.IntOrString => IntOrString,
        ValueKind.Raw => Raw,
        _ => null,
    };
}
