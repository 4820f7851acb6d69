#include "simulator/workload/serving/table_choice.h"

#include "simulator/hardware/shape_price.h"

namespace windtunnel {
namespace {

struct Answered {
  Price price;
  bool own;
  bool inside;
};

std::optional<Answered> answer(const MeasurementStore& store, const Gpu& gpu,
                               const TableQuestion& question) {
  const auto source = find_source(store, question.table, gpu);
  if (!source) return std::nullopt;
  const auto prices = shape_prices(store, *source, question.categories, question.axes);
  if (!prices) return std::nullopt;
  // A table with two answers (both products of the experts) is asked for their sum.
  const Price price = prices->size() > 1 ? sum(*prices) : prices->front();
  return Answered{moved(price, question.factor, question.basis, question.how),
                  price.provenance.basis == Basis::kMeasured, !price.provenance.outside_range};
}

}  // namespace

std::optional<Price> first_answer(const MeasurementStore& store, const Gpu& gpu,
                                  const std::vector<TableQuestion>& questions) {
  std::vector<Answered> answers;
  for (const TableQuestion& question : questions) {
    if (auto found = answer(store, gpu, question)) answers.push_back(std::move(*found));
  }
  for (const Answered& it : answers) {
    if (it.own && it.inside) return it.price;
  }
  for (const Answered& it : answers) {
    if (it.inside) return it.price;
  }
  if (answers.empty()) return std::nullopt;
  return answers.front().price;
}

}  // namespace windtunnel
