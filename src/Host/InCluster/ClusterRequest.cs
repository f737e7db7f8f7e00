using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sealos.Host.InCluster;

/// <summary>What somebody wants installed; what is null was not said, and stays as it was last said.</summary>
public sealed record ClusterRequest
{
    /// <summary>Where people's addresses lie.</summary>
    public string? Domain { get; init; }

    /// <summary>The image; where none was ever named, this build's.</summary>
    public string? Image { get; init; }

    /// <summary>How many copies run; one of them leads.</summary>
    public int? Replicas { get; init; }

    /// <summary>How the gateway is reached: <c>LoadBalancer</c> or <c>NodePort</c>.</summary>
    public string? Expose { get; init; }

    /// <summary>Addresses of pods, where the nodes do not say.</summary>
    public string? PodRange { get; init; }

    /// <summary>Addresses of Services, where the cluster does not say.</summary>
    public string? ServiceRange { get; init; }

    /// <summary>Whether the cloud is one person's.</summary>
    public bool? SingleUser { get; init; }

    /// <summary>This request, with what an earlier one said where this says nothing.</summary>
    public ClusterRequest Over(ClusterRequest? earlier) => new()
    {
        Domain = Domain ?? earlier?.Domain,
        Image = Image ?? earlier?.Image,
        Replicas = Replicas ?? earlier?.Replicas,
        Expose = Expose ?? earlier?.Expose,
        PodRange = PodRange ?? earlier?.PodRange,
        ServiceRange = ServiceRange ?? earlier?.ServiceRange,
        SingleUser = SingleUser ?? earlier?.SingleUser,
    };

    /// <summary>Its text, as it is kept in the cluster.</summary>
    public string Write() => JsonSerializer.Serialize(this, ClusterRequestContext.Default.ClusterRequest);

    /// <summary>Reads what is kept.</summary>
    /// <exception cref="InvalidDataException">Somebody else has written it.</exception>
    public static ClusterRequest Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, ClusterRequestContext.Default.ClusterRequest) ?? new ClusterRequest();
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"install.json of ConfigMap {ClusterOptions.Name} in {ClusterOptions.Namespace} cannot be read: {e.Message}; mend or delete it, and say all options again", e);
        }
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ClusterRequest))]
internal sealed partial class ClusterRequestContext : JsonSerializerContext;
