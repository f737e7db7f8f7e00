namespace Sealos.Node.Pods.Config;

/// <summary>A container cannot be made from what its pod says; reason and message become its waiting state.</summary>
internal sealed class ContainerStartException(string reason, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>A reference that is missing or a wish that cannot be met.</summary>
    public const string ConfigError = "CreateContainerConfigError";

    /// <summary>Kubernetes' word, such as <c>CreateContainerConfigError</c>.</summary>
    public string Reason { get; } = reason;

    public static ContainerStartException Config(string message) => new(ConfigError, message);
}
