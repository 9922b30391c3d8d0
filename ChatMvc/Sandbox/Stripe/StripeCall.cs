namespace ChatMvc.Sandbox.Stripe;

/// <summary>A call of the API as it came in, and the status of its answer; 0 where none was given.</summary>
/// <param name="At">When it came.</param>
/// <param name="Method">Such as POST.</param>
/// <param name="Path">What stands behind <c>/v1/</c>.</param>
/// <param name="IdempotencyKey">Or null.</param>
/// <param name="Version">The header Stripe-Version, or null.</param>
/// <param name="Parameters">One <c>name=length:value</c> a line, in a settled order.</param>
/// <param name="Status">Of the answer.</param>
/// <param name="Replayed">The answer was that of an earlier call with the same key.</param>
public sealed record StripeCall(
    DateTimeOffset At, string Method, string Path, string? IdempotencyKey, string? Version, string Parameters, int Status, bool Replayed);
