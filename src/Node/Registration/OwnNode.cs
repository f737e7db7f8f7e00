using System.Globalization;
using Sealos.ControllerKit.Caching;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Meta;
using Sealos.Node.Pods.Resizing;
using Sealos.Objects.Meta;

namespace Sealos.Node.Registration;

/// <summary>This node as the API has it, where others may have given it labels, taints and resources.</summary>
internal sealed class OwnNode(NodeOptions options, MachineInfo machine, KubeClient client, Informer<Kinds.Core.Node> nodes)
{
    private readonly Dictionary<string, Quantity> _own = NodeObject.Allocatable(options, machine);
    private Kinds.Core.Node? _asked;

    /// <summary>The node as it is known; asked for anew where that matters and the API answers.</summary>
    public async ValueTask<Kinds.Core.Node> FindAsync(bool isAsked, CancellationToken ct)
    {
        if (isAsked)
        {
            try
            {
                return _asked = await client.FindAsync<Kinds.Core.Node>(null, options.NodeName, ct).ConfigureAwait(false) ?? Known();
            }
            catch (Exception e) when (e is ApiException or HttpRequestException)
            {
                // What is known has to do.
            }
        }

        return Known();
    }

    /// <summary>How much of a resource pods can have.</summary>
    public long RoomOf(string resource) => resource switch
    {
        PodRoom.Pods => options.MaxPods,
        "cpu" => _own["cpu"].MilliValue,
        _ when _own.TryGetValue(resource, out var amount) => amount.LongValue,
        _ => Newest(_asked, Known()).Status?.Allocatable?.TryGetValue(resource, out var given) == true ? given.LongValue : 0,
    };

    /// <summary>The answer as long as the watch has shown nothing that is as new.</summary>
    public static Kinds.Core.Node Newest(Kinds.Core.Node? asked, Kinds.Core.Node known) => asked is not null && Version(asked) > Version(known) ? asked : known;

    private static ulong Version(Kinds.Core.Node node) => ulong.TryParse(node.Metadata.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;

    // Before it is registered it is what it will be registered as.
    private Kinds.Core.Node Known() => nodes.Get(null, options.NodeName) ?? new Kinds.Core.Node { Metadata = new ObjectMeta { Name = options.NodeName, Labels = NodeObject.Labels(options) } };
}
