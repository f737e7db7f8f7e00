using Sealos.ControllerKit.Caching;
using Sealos.Kinds.Core;

namespace Sealos.OsServices.Users.Walls;

/// <summary>
/// What the operator has chosen for the walls of all workspaces, as it is now: the ConfigMap <c>workspaces</c> of <c>sealos-system</c> is followed, so asking
/// costs nothing. What of it cannot be read makes no wall wider.
/// </summary>
internal sealed class WallSettings
{
    /// <summary>The ConfigMap's name.</summary>
    public const string Name = "workspaces";

    private readonly WallOptions _defaults;
    private volatile WallChoice _current;

    /// <param name="defaults">What holds where nothing is chosen.</param>
    public WallSettings(WallOptions defaults)
    {
        _defaults = defaults;
        _current = new WallChoice(defaults);
    }

    /// <summary>What holds now.</summary>
    public WallChoice Current => _current;

    /// <summary>Whether strangers may be among those who get workspaces now.</summary>
    public Func<bool> AdmitsStrangers { get; init; } = () => false;

    /// <summary>Hears what cannot be read of a workspace's own choices: its namespace, a reason, and a sentence.</summary>
    public Action<Namespace, string, string> Tell { get; init; } = (_, _, _) => { };

    /// <summary>Follows the ConfigMap; <paramref name="changed"/> hears of each change that says something else, and is given the ConfigMap.</summary>
    public void Follow(InformerFactory system, Action<ConfigMap?> changed)
    {
        WallChoice? lastGood = null;
        system.For<ConfigMap>(fieldSelector: "metadata.name=" + Name).OnChange((old, now) =>
        {
            if (old is not null && now is not null && ObjectKeeper.AreSame(old.Data, now.Data))
            {
                return;
            }

            _current = WallChoice.Read(now?.Data, _defaults, lastGood);
            lastGood = _current.IsQuotaUnread || _current.AreLimitsUnread ? lastGood : _current;
            changed(now);
        });
    }
}
