using Sealos.ControllerKit;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.ServiceAccounts;

/// <summary>Wires namespaces and their defaults to the reconciler.</summary>
internal static class NamespaceDefaultsController
{
    public static void Add(ControllerContext context)
    {
        var controller = context.Add("namespacedefaults", new NamespaceDefaultsReconciler(context), workers: 2);
        context.Watch<Namespace>(controller.Enqueue);
        context.Informer<ServiceAccount>().OnChange((old, now) => Enqueue((now ?? old)!.Metadata.Namespace, now is null && old!.Metadata.Name == NamespaceDefaultsReconciler.ServiceAccountName));
        context.Informer<ConfigMap>($"metadata.name={NamespaceDefaultsReconciler.RootCertificateName}").OnChange((old, now) => Enqueue((now ?? old)!.Metadata.Namespace, isWorthALook: true));

        void Enqueue(string? ns, bool isWorthALook)
        {
            if (ns is not null && isWorthALook)
            {
                controller.Enqueue(new ObjectKey(null, ns));
            }
        }
    }
}
