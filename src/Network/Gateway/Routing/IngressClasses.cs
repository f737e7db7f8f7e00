using System.Collections.Concurrent;
using Sealos.Kinds.Networking;

namespace Sealos.Network.Gateway.Routing;

/// <summary>Whether an ingress is for this gateway.</summary>
internal enum ClassVerdict
{
    NotOurs,
    Ours,
    Paused,
}

/// <summary>Knows the IngressClass objects and judges ingresses by them.</summary>
internal sealed class IngressClasses(GatewayOptions options)
{
    private const string ClassAnnotation = "kubernetes.io/ingress.class";

    private readonly ConcurrentDictionary<string, string> _controllers = new(StringComparer.Ordinal);

    /// <summary>Takes in a change; true when ingresses must be judged again.</summary>
    public bool OnClass(IngressClass? old, IngressClass? now)
    {
        var name = (now ?? old)!.Metadata.Name!;
        var before = _controllers.GetValueOrDefault(name);
        var after = now is null ? null : now.Spec?.Controller ?? "";
        if (after is null)
        {
            _controllers.TryRemove(name, out _);
        }
        else
        {
            _controllers[name] = after;
        }

        return before != after;
    }

    public ClassVerdict Judge(Ingress ingress)
    {
        var name = NameOf(ingress);
        if (name is null)
        {
            return options.ServeUnclassified ? ClassVerdict.Ours : ClassVerdict.NotOurs;
        }

        // An object of that name decides, so that a foreign controller's ingresses are left to it.
        if (_controllers.TryGetValue(name, out var controller))
        {
            return controller == options.ControllerName ? ClassVerdict.Ours : ClassVerdict.NotOurs;
        }

        return options.ClassNames.Contains(name) ? ClassVerdict.Ours
            : options.PausedClassNames.Contains(name) ? ClassVerdict.Paused
            : ClassVerdict.NotOurs;
    }

    private static string? NameOf(Ingress ingress) =>
        ingress.Metadata.Annotations?.GetValueOrDefault(ClassAnnotation) is { Length: > 0 } annotated ? annotated
        : ingress.Spec?.IngressClassName is { Length: > 0 } named ? named
        : null;
}
