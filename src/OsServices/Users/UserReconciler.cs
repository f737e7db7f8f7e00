using System.Text.Json;
using System.Text.Json.Nodes;
using Sealos.ControllerKit;
using Sealos.ControllerKit.Client;
using Sealos.ControllerKit.Reconciling;
using Sealos.Kinds;
using Sealos.OsServices.SignIn;
using Sealos.OsServices.Users.Requests;
using Sealos.OsServices.Users.Walls;

namespace Sealos.OsServices.Users;

/// <summary>
/// Brings a user about, in an order in which nobody can enter before the walls stand: namespace and walls, service account,
/// kubeconfig, roles, and the right of the owner. What somebody breaks of it later is mended the same way.
/// </summary>
internal sealed class UserReconciler(KubeClient client, UsersCache cache, UsersOptions options, WallSettings walls, TimeProvider time) : IReconciler
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromHours(24);
    private static readonly TimeSpan WhileGoing = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WhileRefused = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan SweepAfterLock = TimeSpan.FromMinutes(1);
    private const string Locked = "the user is locked";

    private readonly UserWorkspace _workspace = new(client, cache, walls);
    private readonly UserWalls _walls = new(client, cache, walls);
    private readonly UserBeginning _beginning = new(client, time);
    private readonly UserCredentials _credentials = new(client, cache, options, time);

    private UserLeaving Leaving => new(client, _credentials, new UserMerge(client, _workspace, new MembershipChange(client, cache, _workspace)));

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (cache.Users.Get(null, key.Name) is not { } user)
        {
            return ReconcileResult.Done;
        }

        if (user.Metadata.DeletionTimestamp is not null)
        {
            return await EndAsync(user, ct).ConfigureAwait(false);
        }

        if (UserLeaving.IsAskedFor(user))
        {
            return ReconcileResult.After(await Leaving.GoOnAsync(user, ct).ConfigureAwait(false));
        }

        var beginningEndsIn = _beginning.DueIn(user);
        if (beginningEndsIn <= TimeSpan.Zero && !await _beginning.FinishAsync(user, ct).ConfigureAwait(false))
        {
            return ReconcileResult.Done;
        }

        var conditions = new UserConditions(user.Status?.Conditions, time.GetUtcNow());
        try
        {
            user = await PrepareAsync(user, ct).ConfigureAwait(false);
            var again = await MakeAsync(user, conditions, ct).ConfigureAwait(false);
            conditions.Set(UserConditions.Ready, !user.IsLocked(), user.IsLocked() ? UserKeys.StatusLocked : UserConditions.Ready, user.IsLocked() ? Locked : "");
            await WriteAsync(user, conditions, user.IsLocked() ? "Pending" : "Active", ct).ConfigureAwait(false);
            return ReconcileResult.After(beginningEndsIn > TimeSpan.Zero ? Earlier(again, beginningEndsIn.Value) : again);
        }
        catch (StepRefusedException e)
        {
            conditions.Set(UserConditions.Ready, false, e.Reason, e.Message);
            await WriteAsync(user, conditions, "Pending", ct).ConfigureAwait(false);
            return ReconcileResult.After(WhileRefused);
        }
        catch (ApiException e) when (!e.IsConflict)
        {
            conditions.Set(UserConditions.Ready, false, e.Reason, e.Message);
            await WriteAsync(user, conditions, "Pending", ct).ConfigureAwait(false);
            throw;
        }
    }

    // The name, a team's owner, and what every user bears.
    private async Task<User> PrepareAsync(User user, CancellationToken ct)
    {
        var name = user.Metadata.Name!;
        var labels = new JsonObject();
        var annotations = new JsonObject();
        var owner = user.OwnerOf() ?? user.Metadata.Annotations?.GetValueOrDefault(UserKeys.Owner);
        Default(labels, user.Metadata.Labels, UserKeys.Owner, owner, mustBe: !user.IsTeam());
        Default(annotations, user.Metadata.Annotations, UserKeys.Owner, owner, mustBe: true);
        Default(annotations, user.Metadata.Annotations, UserKeys.Creator, owner, mustBe: false);
        Default(annotations, user.Metadata.Annotations, UserKeys.DisplayName, name, mustBe: false);
        var hasFinalizer = user.Metadata.Finalizers?.Contains(UserKeys.Finalizer) == true;
        if (labels.Count + annotations.Count == 0 && hasFinalizer)
        {
            return user;
        }

        var metadata = new JsonObject { ["labels"] = labels, ["annotations"] = annotations, ["resourceVersion"] = user.Metadata.ResourceVersion };
        if (!hasFinalizer)
        {
            // New here: whoever was called so before left nothing that lets them in.
            await CredentialOwner.SweepAsync(client, user, ct).ConfigureAwait(false);
            metadata["finalizers"] = new JsonArray([.. (user.Metadata.Finalizers ?? []).Append(UserKeys.Finalizer).Select(f => (JsonNode)f)]);
        }

        return await client.PatchAsync<User>(null, name, new JsonObject { ["metadata"] = metadata }, null, ct).ConfigureAwait(false);
    }

    private static void Default(JsonObject missing, Dictionary<string, string>? present, string key, string? value, bool mustBe)
    {
        var current = present?.GetValueOrDefault(key);
        if (value is not null && (mustBe ? current != value : current is null))
        {
            missing[key] = value;
        }
    }

    private async Task<TimeSpan> MakeAsync(User user, UserConditions conditions, CancellationToken ct)
    {
        var name = user.Metadata.Name!;
        var again = LookAgain + (LookAgain * Random.Shared.NextDouble());
        await StepAsync(UserConditions.Initialized, () => Check(user)).ConfigureAwait(false);
        if (user.IsLocked() && !user.IsTeam())
        {
            // Before all else: no wall that cannot be built is to keep anybody in who was shut out.
            await _credentials.EndAllAsync(name, withPassword: false, ct).ConfigureAwait(false);
        }

        await StepAsync(UserConditions.Namespace, async () =>
        {
            await _workspace.EnsureNamespaceAsync(user, ct).ConfigureAwait(false);
            await _walls.EnsureAsync(user, ct).ConfigureAwait(false);
        }).ConfigureAwait(false);
        if (_walls.ProblemOf(name) is { } problem)
        {
            conditions.Remark(UserConditions.Namespace, "QuotaUnreadable", problem);
        }

        if (user.IsTeam())
        {
            conditions.Set(UserConditions.Account, true, UserConditions.NotNeeded);
            conditions.Set(UserConditions.KubeConfig, true, UserConditions.NotNeeded);
        }
        else
        {
            await StepAsync(UserConditions.Account, () => _credentials.EnsureAccountAsync(name, ct)).ConfigureAwait(false);
            if (user.IsLocked())
            {
                foreach (var own in cache.Teams(name).Prepend(user))
                {
                    await _workspace.RemoveHandedOnAsync(UsersObjects.WorkspaceOf(own.Metadata.Name!), null, ct).ConfigureAwait(false);
                }

                // Somebody may have been signing in at that very moment.
                var since = conditions.Set(UserConditions.KubeConfig, false, UserKeys.StatusLocked, Locked);
                again = time.GetUtcNow() - since < SweepAfterLock ? WhileGoing : again;
            }
            else
            {
                await StepAsync(UserConditions.KubeConfig, async () => again = Earlier(again, await _credentials.EnsureKubeConfigAsync(user, ct).ConfigureAwait(false))).ConfigureAwait(false);
            }
        }

        await StepAsync(UserConditions.Role, () => _workspace.EnsureRolesAsync(user, ct)).ConfigureAwait(false);
        await StepAsync(UserConditions.RoleBinding, () => _workspace.EnsureOwnerBindingAsync(user, ct)).ConfigureAwait(false);
        if (name == UserDirectory.AdminName)
        {
            await StepAsync(UserConditions.ClusterRoleBinding, () => _workspace.EnsureAdminBindingAsync(ct)).ConfigureAwait(false);
        }

        return again;

        async Task StepAsync(string type, Func<Task> step)
        {
            try
            {
                await step().ConfigureAwait(false);
                conditions.Set(type, true, "Synced");
            }
            catch (StepRefusedException e)
            {
                conditions.Set(type, false, e.Reason, e.Message);
                throw;
            }
            catch (ApiException e)
            {
                conditions.Set(type, false, e.Reason, e.Message);
                throw;
            }
        }
    }

    private static TimeSpan Earlier(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private Task Check(User user)
    {
        var name = user.Metadata.Name!;
        if (!UserNames.IsValid(name) || (!user.IsTeam() && UserNames.IsReserved(name)))
        {
            throw new StepRefusedException("InvalidName", "a user's name is 1 to 50 lower-case letters, digits and hyphens, a letter first and no hyphen last, and neither 'default' nor 'token-…'");
        }

        if (options.IsSingleUser && name != UserDirectory.AdminName && cache.Namespaces.Get(null, UsersObjects.WorkspaceOf(name)) is null)
        {
            throw new StepRefusedException("SingleUser", "this cloud is one person's; 'sealos up --single-user false' opens it to others");
        }

        return user.OwnerOf() is not null ? Task.CompletedTask : throw new StepRefusedException("NoOwner", $"a team needs the label {UserKeys.Owner} with its owner's name");
    }

    // Nobody else writes it, so what it was before does not matter.
    private async Task WriteAsync(User user, UserConditions conditions, string phase, CancellationToken ct)
    {
        var before = user.Status;
        var status = new UserStatus
        {
            Phase = phase,
            KubeConfig = user.IsTeam() ? null : UserKubeConfig.Text(options, user.Metadata.Name!, null),
            ObservedCSRExpirationSeconds = user.Spec?.CsrExpirationSeconds,
            ObservedKubeConfigRotateAt = user.Spec?.KubeConfigRotateAt,
            ObservedGeneration = user.Metadata.Generation,
            Conditions = conditions.All,
        };
        if (!conditions.HaveChanged && before is not null
            && (before.Phase, before.KubeConfig, before.ObservedCSRExpirationSeconds, before.ObservedKubeConfigRotateAt, before.ObservedGeneration)
            == (status.Phase, status.KubeConfig, status.ObservedCSRExpirationSeconds, status.ObservedKubeConfigRotateAt, status.ObservedGeneration))
        {
            return;
        }

        var patch = new JsonObject { ["status"] = JsonSerializer.SerializeToNode(status, KubeJson.Options) };
        await client.PatchAsync<User>(null, user.Metadata.Name!, patch, "status", ct).ConfigureAwait(false);
    }

    private async Task<ReconcileResult> EndAsync(User user, CancellationToken ct)
    {
        if (user.Metadata.Finalizers?.Contains(UserKeys.Finalizer) != true)
        {
            return ReconcileResult.Done;
        }

        if (!await new UserRemoval(client, cache, _credentials, _workspace).RemoveAsync(user, ct).ConfigureAwait(false))
        {
            return ReconcileResult.After(WhileGoing);
        }

        var metadata = new JsonObject
        {
            ["finalizers"] = new JsonArray([.. user.Metadata.Finalizers.Where(f => f != UserKeys.Finalizer).Select(f => (JsonNode)f)]),
            ["resourceVersion"] = user.Metadata.ResourceVersion,
        };
        await client.PatchAsync<User>(null, user.Metadata.Name!, new JsonObject { ["metadata"] = metadata }, null, ct).ConfigureAwait(false);
        return ReconcileResult.Done;
    }
}
