using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sealos.Kinds.Core;
using Sealos.Kinds.Meta;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.SignIn.Identities;

/// <summary>Who a provider says somebody is.</summary>
/// <param name="Provider">Who says it.</param>
/// <param name="Subject">What names them there for good.</param>
/// <param name="Name">What they are called there, or nothing.</param>
/// <param name="Email">Their address there, or nothing; it proves nothing here.</param>
internal sealed record OutsideIdentity(IdentityProvider Provider, string Subject, string? Name, string? Email)
{
    public const string SecretType = "user.sealos.io/identity";
    public const string Prefix = "identity-";

    private const string ProviderKey = "user.sealos.io/identity-provider";
    private const string LabelKey = "user.sealos.io/identity-label";
    private const string LinkedKey = "user.sealos.io/identity-linked";
    private const int NameDigits = 40;
    private const int LongestLabel = 100;

    /// <summary>The name of the Secret that is the lock: one identity is one person's, whoever else asks.</summary>
    public string SecretName
    {
        get
        {
            // By where the word comes from, not by what the operator calls it: another issuer's subjects are other people.
            var authority = Provider.Kind == IdentityProvider.OpenIdConnect ? Provider.Issuer : Provider.UserInfoUrl;
            return Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{authority}\n{Subject}")))[..NameDigits];
        }
    }

    /// <summary>The lock, for a user.</summary>
    public Secret Lock(string user, DateTimeOffset now) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = SecretName,
            Namespace = UserDirectory.AccountsNamespace,
            Labels = UsersObjects.OwnedBy(user),
            Annotations = new Dictionary<string, string>
            {
                [ProviderKey] = Provider.Id,
                [LabelKey] = ClientInfo.Clean(Email ?? Name ?? "") is { Length: <= LongestLabel } label ? label : "",
                [LinkedKey] = now.ToString("O", CultureInfo.InvariantCulture),
            },
        },
        Type = SecretType,
    };

    public static LinkedIdentity View(Secret secret, SignInSettings settings)
    {
        var provider = secret.Metadata.Annotations?.GetValueOrDefault(ProviderKey) ?? "";
        return new LinkedIdentity(
            secret.Metadata.Name!, provider, settings.Provider(provider)?.Name ?? provider, secret.Metadata.Annotations?.GetValueOrDefault(LabelKey) ?? "",
            DateTimeOffset.TryParse(secret.Metadata.Annotations?.GetValueOrDefault(LinkedKey), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at) ? at : null);
    }
}

/// <summary>An outside identity that is linked to a user.</summary>
public sealed record LinkedIdentity(string Id, string Provider, string ProviderName, string Label, DateTimeOffset? Linked);
