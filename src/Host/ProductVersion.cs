using System.Reflection;

namespace Sealos.Host;

/// <summary>The version this program was built as.</summary>
public static class ProductVersion
{
    /// <summary>Such as <c>0.1.0</c>.</summary>
    public static string Text { get; } = typeof(ProductVersion).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>The Kubernetes version the kernel answers as.</summary>
    public const string Kubernetes = "v1.32.0";

    /// <summary>The build's own mark, or empty when it was not built by the launcher.</summary>
    public static string Build { get; } = typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
}
