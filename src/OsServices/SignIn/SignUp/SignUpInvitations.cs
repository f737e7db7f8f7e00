using System.Security.Cryptography;
using System.Text;
using Sealos.ControllerKit.Client;
using Sealos.Kinds.Meta;
using Sealos.OsServices.Users;

namespace Sealos.OsServices.SignIn.SignUp;

/// <summary>An invitation to become a user; its code is shown once.</summary>
public sealed record SignUpInvitation(string Id, DateTimeOffset? Expires, string InvitedBy, string? Code);

/// <summary>Invitations to become a user, each for one person: Invitations of no workspace, found by the code's hash.</summary>
public sealed class SignUpInvitations(KubeClient client, TimeProvider time)
{
    /// <summary>For how long one holds that says nothing of it.</summary>
    public static readonly TimeSpan UsualLifetime = TimeSpan.FromDays(7);

    /// <summary>For how long one may hold.</summary>
    public static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(30);

    private const string Label = "user.sealos.io/sign-up";
    private const string Prefix = "signup-";
    private const string Ns = UserDirectory.AccountsNamespace;
    private const int CodeBytes = 24;

    /// <summary>Makes one.</summary>
    public async Task<SignUpInvitation> CreateAsync(string invitedBy, TimeSpan lifetime, CancellationToken ct)
    {
        var code = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(CodeBytes));
        var made = await client.CreateAsync(
            new Invitation
            {
                Metadata = new ObjectMeta { Name = NameOf(code), Namespace = Ns, Labels = new Dictionary<string, string> { [Label] = "true" } },
                Spec = new InvitationSpec { InvitedBy = invitedBy, CodeHash = HashOf(code), ExpiresAt = time.GetUtcNow() + lifetime },
            },
            ct).ConfigureAwait(false);
        return View(made, code);
    }

    /// <summary>Those that can still be used; what has ended is taken away when it is come upon.</summary>
    public async Task<IReadOnlyList<SignUpInvitation>> ListAsync(CancellationToken ct)
    {
        var found = await client.ListAsync<Invitation>(Ns, new ListQuery { LabelSelector = $"{Label}=true" }, ct).ConfigureAwait(false);
        var now = time.GetUtcNow();
        foreach (var invitation in found.Items.Where(i => !InvitationUse.IsOpen(i, now)))
        {
            if (await InvitationUse.HasEndedAsync(client, invitation, now, ct).ConfigureAwait(false))
            {
                invitation.Metadata.Namespace ??= Ns;
                await client.DeleteExactlyAsync(invitation, null, ct).ConfigureAwait(false);
            }
        }

        return [.. found.Items.Where(i => InvitationUse.IsOpen(i, now)).Select(i => View(i, null))];
    }

    /// <summary>Takes one back; false when there is none of the id.</summary>
    public async Task<bool> RevokeAsync(string id, CancellationToken ct) =>
        id.StartsWith(Prefix, StringComparison.Ordinal) && UserNames.IsValid(id)
        && await client.FindAsync<Invitation>(Ns, id, ct).ConfigureAwait(false) is { } found && await client.DeleteExactlyAsync(found, null, ct).ConfigureAwait(false);

    /// <summary>Uses one up for somebody who is about to be a user; null when there is none of the code, or somebody was quicker.</summary>
    internal async Task<Invitation?> TakeAsync(string? code, string user, CancellationToken ct)
    {
        if (code is not { Length: CodeBytes * 2 } || await client.FindAsync<Invitation>(Ns, NameOf(code), ct).ConfigureAwait(false) is not { } found
            || found.Spec is not { Namespace: null, CodeHash: { } hash } || !CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(hash), Encoding.ASCII.GetBytes(HashOf(code)))
            || !await InvitationUse.IsUsableAsync(client, found, time.GetUtcNow(), ct).ConfigureAwait(false))
        {
            return null;
        }

        return await MarkAsync(found, InvitationUse.By(user, time.GetUtcNow()), ct).ConfigureAwait(false);
    }

    /// <summary>Lets one be used again whose user was not made after all.</summary>
    internal Task GiveBackAsync(Invitation taken, CancellationToken ct) => MarkAsync(taken, new InvitationStatus { Phase = InvitationStatus.Pending }, ct);

    private static SignUpInvitation View(Invitation invitation, string? code) => new(invitation.Metadata.Name!, invitation.Spec?.ExpiresAt, invitation.Spec?.InvitedBy ?? "", code);

    private static string HashOf(string code) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(code)));

    // Found by the code's hash, without a look at all there are; as long as a name of a user may be.
    private static string NameOf(string code) => Prefix + HashOf(code)[..32];

    // Whoever writes first wins: the object's version is the lock.
    private async Task<Invitation?> MarkAsync(Invitation invitation, InvitationStatus status, CancellationToken ct)
    {
        invitation.Status = status;
        try
        {
            return await client.UpdateStatusAsync(invitation, ct).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound)
        {
            return null;
        }
    }
}
