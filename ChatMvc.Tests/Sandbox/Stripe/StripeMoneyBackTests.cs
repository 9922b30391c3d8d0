using ChatMvc.Sandbox.Stripe;

namespace ChatMvc.Tests.Sandbox.Stripe;

/// <summary>Refunds and disputes.</summary>
public class StripeMoneyBackTests : StripeServer
{
    [Fact]
    public async Task Refunds_add_up_and_never_exceed_the_charge()
    {
        var charge = await Charged();
        var first = await Made("refunds", ("charge", charge), ("amount", "300"), ("reason", "requested_by_customer"), ("metadata[by]", "operator"));
        Assert.Equal((300, "succeeded", "operator"), (first.Number("amount"), first.Text("status"), first.GetProperty("metadata").Text("by")));
        Assert.Equal((300, false), await RefundedOf(charge));
        Assert.Equal(["charge.refunded", "refund.created"], Stripe.Events.Take(2).Select(e => (string)e["type"]!));
        Assert.Equal(400, (await Post("refunds", ("charge", charge), ("amount", "701"))).Status);
        Assert.Equal(400, (await Post("refunds", ("charge", charge), ("amount", "0"))).Status);
        Assert.Equal(400, (await Post("refunds", ("charge", charge), ("reason", "fun"))).Status);

        var intent = (await Read($"charges/{charge}")).Text("payment_intent");
        Assert.Equal(700, (await Made("refunds", ("payment_intent", intent))).Number("amount"));
        Assert.Equal((1_000, true), await RefundedOf(charge));
        Assert.Equal("charge_already_refunded", (await Post("refunds", ("charge", charge))).Error.Text("code"));
        Assert.Equal(2, (await Read("refunds", ("payment_intent", intent))).Data().Count);
    }

    [Fact]
    public async Task A_refund_that_fails_later_is_taken_back_from_the_charge()
    {
        var charge = await Charged();
        var refund = (await Made("refunds", ("charge", charge))).Id();
        Assert.Equal(["refund.updated", "refund.failed", "charge.refund.updated"], Types(Stripe.RefundFails(refund)));
        Assert.Equal((0, false), await RefundedOf(charge));
        Assert.Equal("failed", (await Read($"refunds/{refund}")).Text("status"));
    }

    [Theory]
    [InlineData("won", "charge.dispute.closed charge.dispute.funds_reinstated")]
    [InlineData("lost", "charge.dispute.closed")]
    public async Task A_dispute_is_opened_and_closed(string outcome, string expected)
    {
        var charge = await Charged();
        Assert.Equal(["charge.dispute.created", "charge.dispute.funds_withdrawn"], Types(Stripe.Dispute(charge)));
        Assert.True((await Read($"charges/{charge}")).GetProperty("disputed").GetBoolean());
        Assert.Equal("charge_disputed", (await Post("refunds", ("charge", charge))).Error.Text("code"));
        var dispute = (await Read("disputes", ("charge", charge))).Data().Single();
        Assert.Equal((1_000, "needs_response"), (dispute.Number("amount"), dispute.Text("status")));
        Assert.Equal(expected.Split(' '), Types(Stripe.CloseDispute(dispute.Id(), outcome)));
        Assert.Equal(outcome, (await Read($"disputes/{dispute.Id()}")).Text("status"));
        Assert.Throws<StripeException>(() => Stripe.CloseDispute(dispute.Id(), outcome));
        Assert.Throws<StripeException>(() => Stripe.Dispute(charge));
    }

    private async Task<(long Amount, bool Whole)> RefundedOf(string charge)
    {
        var now = await Read($"charges/{charge}");
        return (now.Number("amount_refunded"), now.GetProperty("refunded").GetBoolean());
    }
}
