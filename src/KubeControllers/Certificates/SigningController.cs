using Sealos.Kinds.Certificates;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.Certificates;

/// <summary>Wires certificate requests to the reconciler.</summary>
internal static class SigningController
{
    public static void Add(ControllerContext context)
    {
        var controller = context.Add("certificates", new SigningReconciler(context, context.Options.Sign), workers: 2);
        context.Watch<CertificateSigningRequest>(controller.Enqueue);
    }
}
