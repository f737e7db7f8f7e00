using Sealos.Kinds.AutoscalingV2;

namespace Sealos.KubeControllers.Autoscalers;

/// <summary>The conditions of an autoscaler while its status is worked out; times change only with statuses.</summary>
internal sealed class AutoscalerConditions(IEnumerable<HorizontalPodAutoscalerCondition>? known, DateTimeOffset now)
{
    private readonly List<HorizontalPodAutoscalerCondition> _conditions = [.. known ?? []];

    public List<HorizontalPodAutoscalerCondition>? All => _conditions.Count == 0 ? null : _conditions;

    public void AbleToScale(bool isAble, string reason, string message) => Set("AbleToScale", isAble, reason, message);

    public void ScalingActive(bool isActive, string reason, string message) => Set("ScalingActive", isActive, reason, message);

    public void ScalingLimited(bool isLimited, string reason, string message) => Set("ScalingLimited", isLimited, reason, message);

    private void Set(string type, bool isTrue, string reason, string message)
    {
        var status = isTrue ? "True" : "False";
        var at = _conditions.FindIndex(c => c.Type == type);
        var condition = new HorizontalPodAutoscalerCondition
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
            LastTransitionTime = at >= 0 && _conditions[at].Status == status ? _conditions[at].LastTransitionTime : now,
        };
        if (at < 0)
        {
            _conditions.Add(condition);
        }
        else
        {
            _conditions[at] = condition;
        }
    }
}
