using System.Globalization;
using System.Text.Json.Nodes;
using Sealos.Objects.Serialization;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.Admission.Rules;

/// <summary>What a user may create among the users: a team of their own, and no more of them than allowed.</summary>
internal sealed class UserRule(AdmissionOptions options) : AdmissionRule
{
    private const int LongestDisplayName = 64;
    private const int DefaultExpiration = 1_000_000_000;

    // Tenants have no right but to create; so the operator locks and deletes users while this cannot be asked.
    public override IReadOnlyList<RuleScope> Scopes { get; } = [new(Place.Cluster, "C", User.KubeKind.Group, User.KubeKind.Plural)];

    public override async ValueTask<Refusal?> JudgeAsync(AdmissionRequest request, IAdmissionFacts facts, CancellationToken ct)
    {
        if (await UserCallers.RefusalAsync(request.Caller, facts, ct).ConfigureAwait(false) is { } refusal)
        {
            return refusal;
        }

        if (JudgeForm(request, request.Caller.User!) is { } wrong)
        {
            return wrong;
        }

        if (await facts.HasNamespaceAsync(UsersObjects.WorkspaceOf(request.Name), ct).ConfigureAwait(false))
        {
            return new Refusal($"the name '{request.Name}' is taken; choose another");
        }

        return await facts.TryAddTeamAsync(request.Caller.User!, request.Name, options.TeamsPerUser, ct).ConfigureAwait(false)
            ? null
            : new Refusal($"a user may own {options.TeamsPerUser} teams, and you do; delete one first");
    }

    private static Refusal? JudgeForm(AdmissionRequest request, string caller)
    {
        var metadata = request.Object.Child("metadata");
        var (labels, annotations) = (metadata.Child("labels"), metadata.Child("annotations"));
        if (!UserNames.IsValid(request.Name) || IsReserved(request.Name))
        {
            return new Refusal($"'{request.Name}' is no name for a team: use lower-case letters, digits and hyphens, a letter first, at most 50 characters");
        }

        if (labels.Text(UserKeys.Type) != UserKeys.TypeGroup)
        {
            return new Refusal($"a user may create only teams: label the User {UserKeys.Type}={UserKeys.TypeGroup}");
        }

        if (labels.Text(UserKeys.Owner) != caller || !IsAbsentOr(annotations.Text(UserKeys.Owner), caller) || !IsAbsentOr(annotations.Text(UserKeys.Creator), caller))
        {
            return new Refusal($"a team is owned by who creates it: label the User {UserKeys.Owner}={caller}");
        }

        if (labels.Text(UserKeys.Status) is not null || metadata.Texts("finalizers").Any() || metadata.Objects("ownerReferences").Any())
        {
            return new Refusal("a new team has neither a status nor finalizers nor owners of its own");
        }

        if (annotations.Text(UserKeys.DisplayName) is { } shown && (shown.Length > LongestDisplayName || shown.Any(IsUnseen)))
        {
            return new Refusal($"annotation {UserKeys.DisplayName} is one line of at most {LongestDisplayName} characters that can be seen");
        }

        return IsUsual(request.Object.Child("spec")) ? null : new Refusal("a team has no kubeconfig: leave out its spec");
    }

    private static bool IsUsual(JsonObject? spec) => spec is null || spec.All(p => p is { Key: "csrExpirationSeconds" } && p.Value.AsNumber() == DefaultExpiration);

    private static bool IsAbsentOr(string? value, string wanted) => value is null || value == wanted;

    // Terminals obey some, and others turn text around.
    private static bool IsUnseen(char c) => char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    // Other things of these names are in the users' namespace, or will be.
    private static bool IsReserved(string name) =>
        name is "admin" or "default" or "system" || new[] { "token-", "sealos-", "kube-", "session-", "rb-" }.Any(p => name.StartsWith(p, StringComparison.Ordinal));
}
