using Sealos.ControllerKit;
using Sealos.Kinds.Core;
using Sealos.KubeControllers.Common;

namespace Sealos.KubeControllers.ServiceAccounts;

/// <summary>Wires Secrets that ask for a service account's token, and those accounts, to the reconciler.</summary>
internal static class TokenSecretController
{
    private const string AccountIndex = "account";

    public static void Add(ControllerContext context)
    {
        var secrets = context.Informer<Secret>(TokenSecretReconciler.Selector).AddIndex(AccountIndex, s => [$"{s.Metadata.Namespace}/{TokenSecretReconciler.AccountOf(s)}"]);
        var controller = context.Add("tokensecrets", new TokenSecretReconciler(context), workers: 2);
        secrets.OnChange((old, now) => controller.Enqueue(ObjectKey.Of((now ?? old)!)));
        context.Watch<ServiceAccount>(account =>
        {
            foreach (var secret in secrets.ByIndex(AccountIndex, $"{account.Namespace}/{account.Name}"))
            {
                controller.Enqueue(ObjectKey.Of(secret));
            }
        });
    }
}
